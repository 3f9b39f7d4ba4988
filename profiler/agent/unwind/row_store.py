"""The rows that BPF walks by: which content lies where in the row array."""

from collections import OrderedDict
from collections.abc import Collection
from typing import NamedTuple

from profiler.agent.unwind.mapped_array import Entries, MappedArray
from profiler.agent.unwind.ranges import RangeAllocator


class Run(NamedTuple):
    first: int
    length: int


class RowStore:
    """Contents are named by their key in the rows cache. The least recently asked for goes first."""

    def __init__(self, array: MappedArray) -> None:
        self._array = array
        self._free = RangeAllocator(array.entries)
        self._runs: OrderedDict[str, Run] = OrderedDict()

    @property
    def free_share(self) -> float:
        return self._free.free_entries / self._array.entries

    def could_hold(self, rows: Entries) -> bool:
        """Whether they would fit if nothing else were there."""
        return len(rows) <= self._array.entries

    def find(self, key: str) -> Run | None:
        run = self._runs.get(key)
        if run is not None:
            self._runs.move_to_end(key)
        return run

    def place(self, key: str, rows: Entries) -> Run | None:
        """None when there is no room: release some and try again. Raises OSError when they can't be read."""
        first = self._free.allocate(len(rows)) if len(rows) else 0
        if first is None:
            return None
        try:
            self._array.write(first, rows)
        except OSError:
            self._free.release(first, len(rows))
            raise
        run = self._runs[key] = Run(first, len(rows))
        return run

    def release(self, wanted: int, in_use: Collection[str]) -> None:
        """Drop contents that are not in use, and that no program can still be reading, until `wanted` entries fit."""
        for key in [key for key in self._runs if key not in in_use]:
            if self._free.longest >= wanted:
                return
            run = self._runs.pop(key)
            if run.length:
                self._free.release(*run)
