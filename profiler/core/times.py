"""When samples were taken, and where: one entry for each sample whose time is known, in the order of time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import ProfileError

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Int16s = npt.NDArray[np.int16]
Ints = npt.NDArray[np.signedinteger[Any]]

# Timers are late by about this, and pictures show milliseconds: finer digits are noise that takes a byte per sample.
RESOLUTION_NS = 50_000
# A profile with more keeps its first ones: an hour of eleven busy CPUs at 99 Hz, 64 MB while it is made.
MAX_TIMES = 4_000_000
UNIT = "samples"
# Linux has room for 8,192 (NR_CPUS of x86); numbers from here on are not kept.
MAX_CPUS = 2**15
NO_CPU = -1


@dataclass(frozen=True)
class Times:
    """Three columns of one length, sorted by `at_ns`, then `row`, then `cpu`.

    `at_ns` counts from the tick that the profile's start lies in (`tick_ns(meta.start_ns)`), in whole RESOLUTION_NS;
    `row` is the row of the profile's sample columns that the sample was added to; `cpu` is the host's number of the CPU
    that it was taken on, NO_CPU where nobody told.
    """

    at_ns: Int64s
    row: Int32s
    cpu: Int16s

    def __len__(self) -> int:
        return len(self.at_ns)

    @classmethod
    def none(cls) -> "Times":
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int16))

    @classmethod
    def sorted(cls, at_ns: Int64s, row: Ints, cpu: Ints | None = None) -> "Times":
        cpus = no_cpus(len(at_ns)) if cpu is None else cpu.astype(np.int16)
        order = np.lexsort((cpus, row, at_ns))
        return cls(at_ns[order], row[order].astype(np.int32), cpus[order])

    @property
    def has_cpus(self) -> bool:
        return bool((self.cpu != NO_CPU).any())

    def taken(self, entries: npt.NDArray[Any], row: Ints) -> "Times":
        """These entries, numbers or a mask, in the order of time; `row` says which row each is of now."""
        return Times(self.at_ns[entries], row.astype(np.int32), self.cpu[entries])

    def repeated(self, factor: int) -> "Times":
        """Each as often as its sample weighs. It costs next to nothing: no time passes between them."""
        return Times(np.repeat(self.at_ns, factor), np.repeat(self.row, factor), np.repeat(self.cpu, factor))

    def check(self, value: Int64s, unit: str) -> None:
        """Raise ProfileError unless these can be times of samples with these values."""
        if not len(self.at_ns) == len(self.row) == len(self.cpu):
            lengths = f"{len(self.at_ns)}, {len(self.row)}, {len(self.cpu)}"
            raise ProfileError(f"times: columns at, row and cpu differ in length: {lengths}")
        if not len(self):
            return
        if unit != UNIT:
            raise ProfileError(f"times: a profile in {unit} can't have any, only one in {UNIT}")
        if self.row.min() < 0 or self.row.max() >= len(value):
            raise ProfileError(f"times.row: {self.row.min()}..{self.row.max()} is not within 0..{len(value) - 1}")
        if self.cpu.min() < NO_CPU:
            raise ProfileError(f"times.cpu: {self.cpu.min()} is no CPU's number")
        if (np.diff(self.at_ns) < 0).any():
            raise ProfileError("times.at: not in the order of time")
        more = np.flatnonzero(np.bincount(self.row, minlength=len(value)) > value)
        if len(more):
            raise ProfileError(f"times: row {more[0]} has more of them than samples ({value[more[0]]})")


def no_cpus(count: int) -> Int16s:
    return np.full(count, NO_CPU, dtype=np.int16)


def tick_ns(unix_ns: int) -> int:
    """A time rounded down to RESOLUTION_NS. Always from the epoch on, so that moved times stay on one grid."""
    return unix_ns // RESOLUTION_NS * RESOLUTION_NS


class TimesBuilder:
    """Gathers stacks, threads, times and CPUs of samples; which row a sample is in is known at the end."""

    def __init__(self) -> None:
        self._parts: list[tuple[Int32s, Int32s, Int64s, Int16s]] = []
        self._count = 0
        self.dropped = 0

    def add(self, node: Ints, thread: Ints, unix_ns: Ints, cpu: Ints | None = None) -> None:
        """Columns of one length, without `cpu` when nobody told. What is over MAX_TIMES is counted in `dropped`."""
        kept = min(len(node), MAX_TIMES - self._count)
        self.dropped += len(node) - kept
        self._count += kept
        if kept:
            cpus = no_cpus(kept) if cpu is None else _kept_cpus(cpu[:kept])
            columns = (node[:kept].astype(np.int32), thread[:kept].astype(np.int32), unix_ns[:kept].astype(np.int64))
            self._parts.append((*columns, cpus))

    def build(self, rows: Int32s, start_ns: int) -> Times:
        """`rows`: stack and thread of each row of the profile, which starts at `start_ns` (Unix time)."""
        if not self._parts:
            return Times.none()
        node, thread, unix_ns, cpu = (np.concatenate(columns) for columns in zip(*self._parts, strict=True))
        self._parts = [(node, thread, unix_ns, cpu)]
        keys, wanted = _keys(rows[:, 0], rows[:, 1]), _keys(node, thread)
        order = np.argsort(keys)
        row = order[np.searchsorted(keys, wanted, sorter=order)]
        return Times.sorted(unix_ns // RESOLUTION_NS * RESOLUTION_NS - tick_ns(start_ns), row, cpu)


def _kept_cpus(cpu: Ints) -> Int16s:
    return np.where((cpu >= 0) & (cpu < MAX_CPUS), cpu, NO_CPU).astype(np.int16)


def _keys(node: Int32s, thread: Int32s) -> Int64s:
    return node.astype(np.int64) << 32 | thread
