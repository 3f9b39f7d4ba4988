"""Functions of just-in-time compilers by address. A big program has a hundred thousand: names are kept compressed."""

import bisect
from array import array
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt

from profiler.debuginfo.packed_text import PackedText

# 5 MB, and their names, compressed. The functions compiled first go.
MAX_FUNCTIONS = 200_000
MAX_ADDRESS = 1 << 64
_PIECE_LINES = 1024

_UInts = npt.NDArray[np.uint64]


class JitFunctions:
    """Columns sorted by `start`: `size`, and `place`, where the name begins in all texts behind each other."""

    def __init__(self) -> None:
        nothing = np.zeros(0, dtype=np.uint64)
        self._start, self._size, self._place = nothing, nothing, nothing
        self._texts: list[PackedText] = []
        self._begins: list[int] = []
        self.text_bytes = 0

    def __len__(self) -> int:
        return len(self._start)

    def add(self, lines: Iterable[bytes]) -> None:
        """Lines of a perf map, `start size name`; others are skipped. A later function replaces an earlier one, as code
        is compiled again in the same place.
        """
        found = array("Q"), array("Q"), array("Q")
        begin = self.text_bytes
        self._texts.append(PackedText.of(self._names(iter(lines), found)))
        self._begins.append(begin)
        start, size, place = (np.frombuffer(column, dtype=np.uint64) for column in found)
        self._keep(
            np.concatenate((self._start, start)),
            np.concatenate((self._size, size)),
            np.concatenate((self._place, place)),
        )

    def name(self, address: int) -> str | None:
        index = bisect.bisect_right(self._start.data, address) - 1
        if index < 0 or address - int(self._start[index]) >= int(self._size[index]):
            return None
        place = int(self._place[index])
        text = bisect.bisect_right(self._begins, place) - 1
        return self._texts[text].name(place - self._begins[text], end=b"\n").decode(errors="replace")

    def _keep(self, start: _UInts, size: _UInts, place: _UInts) -> None:
        """Names stand in the order in which functions came."""
        order = np.lexsort((place, start))
        is_last = np.ones(len(order), dtype=bool)
        is_last[:-1] = start[order[1:]] != start[order[:-1]]
        order = order[is_last]
        if len(order) > MAX_FUNCTIONS:
            newest = np.partition(place[order], -MAX_FUNCTIONS)[-MAX_FUNCTIONS]
            order = order[place[order] >= newest]
        self._start, self._size, self._place = start[order], size[order], place[order]

    def _names(self, lines: Iterator[bytes], found: "tuple[array[int], array[int], array[int]]") -> Iterator[bytes]:
        """The names in pieces; where functions are is added to the columns `found` as they pass by."""
        while piece := list(islice(lines, _PIECE_LINES)):
            names = []
            for line in piece:
                if parsed := _parsed(line):
                    start, size, name = parsed
                    for column, value in zip(found, (start, size, self.text_bytes), strict=True):
                        column.append(value)
                    names.append(name + b"\n")
                    self.text_bytes += len(name) + 1
            if len(found[0]) > 2 * MAX_FUNCTIONS:
                for column in found:
                    del column[:-MAX_FUNCTIONS]
            yield b"".join(names)


def _parsed(line: bytes) -> tuple[int, int, bytes] | None:
    parts = line.split(None, 2)
    if len(parts) < 3:
        return None
    try:
        start, size = int(parts[0], 16), int(parts[1], 16)
    except ValueError:
        return None
    if 0 <= start < MAX_ADDRESS and 0 < size < MAX_ADDRESS:
        return start, size, parts[2].rstrip(b"\r\n")
    return None
