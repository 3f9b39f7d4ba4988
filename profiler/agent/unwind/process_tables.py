"""Which mappings each process has, as BPF reads it: a hash of processes over an array of mappings."""

import contextlib
import os
import time
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel import bpf_syscall
from profiler.agent.unwind.mapped_array import MappedArray
from profiler.agent.unwind.ranges import RangeAllocator

# Twins of struct unwind_mapping and struct unwind_process.
MAPPING = np.dtype([("start", "<u8"), ("end", "<u8"), ("bias", "<u8"), ("first_row", "<u4"), ("rows", "<u4")])
_PROCESS = np.dtype([("first", "<u4"), ("mappings", "<u4"), ("used_ns", "<u8"), ("quiet_until_ns", "<u8")])
MAPPING_BYTES = MAPPING.itemsize
# `first_row` of a mapping whose rows are not there yet.
ROWS_PENDING = 0xFFFF_FFFF
ROWS_ABSENT = 0xFFFF_FFFE
# Above this share the hash of processes is cleaned.
_FULL_SHARE = 0.75
# Processes that were not sampled for this long give way to others; those sampled later must be loaded again.
IDLE_NS = 10_000_000_000

Mappings = npt.NDArray[np.void]


class _Run(NamedTuple):
    length: int
    contents: frozenset[str]


class ProcessTables:
    """A process's mappings are never changed in place: forks share them. A new run replaces the old one, and `collect`
    frees the runs that no process refers to any more.
    """

    def __init__(self, processes_fd: int, max_processes: int, mappings: MappedArray) -> None:
        self._fd = processes_fd
        self._max_processes = max_processes
        self._array = mappings
        self._free = RangeAllocator(mappings.entries)
        self._runs: dict[int, _Run] = {}
        self.dropped = 0

    def publish(self, pid: int, mappings: Mappings, contents: frozenset[str], quiet_ns: int, *, sampled: bool) -> bool:
        """From now on the process is walked by these. False when there is no room, even after dropping idle ones.

        `sampled`: it is being sampled; the others are the first to go.
        """
        first = self._free.allocate(len(mappings))
        if first is None:
            self.collect(drop_idle=True)
            first = self._free.allocate(len(mappings))
        if first is None:
            return False
        self._array.write(first, mappings)
        self._runs[first] = _Run(len(mappings), contents)
        now = time.monotonic_ns()
        entry = np.array([(first, len(mappings), now if sampled else 0, now + quiet_ns)], dtype=_PROCESS)
        try:
            bpf_syscall.map_update(self._fd, np.array([pid], dtype=np.uint32), entry)
        except OSError:  # the hash is full
            self.collect(drop_idle=True)
            return False
        return True

    def keep_quiet(self, pid: int, quiet_ns: int) -> None:
        """Ask less often about a process whose mappings turned out to be the same."""
        key, entry = np.array([pid], dtype=np.uint32), np.zeros(1, dtype=_PROCESS)
        with contextlib.suppress(OSError):  # gone
            bpf_syscall.map_lookup(self._fd, key, entry)
            entry["quiet_until_ns"] = time.monotonic_ns() + quiet_ns
            bpf_syscall.map_update(self._fd, key, entry)

    def contents_in_use(self) -> set[str]:
        return {key for run in self._runs.values() for key in run.contents}

    def collect(self, *, drop_idle: bool = False) -> None:
        """Forget dead processes, and idle ones when asked to, and free what only they used."""
        pids, entries = self._read()
        gone = np.array([not os.path.exists(f"/proc/{pid}") for pid in pids.tolist()], dtype=bool)  # noqa: PTH110 (many)
        if drop_idle:
            idle = ~gone & (entries["used_ns"] + np.uint64(IDLE_NS) < time.monotonic_ns())
            self.dropped += int(idle.sum())
            gone |= idle
        self._delete(pids[gone])
        # A fork may be copying an entry that we have just deleted or replaced: first let it finish, then look again.
        wait_for_programs()
        _, entries = self._read()
        used = set(entries["first"][entries["mappings"] > 0].tolist())
        for first in [first for first in self._runs if first not in used]:
            self._free.release(first, self._runs.pop(first).length)

    def collect_when_full(self) -> None:
        for drop_idle in (False, True):
            pids, _ = self._read()
            if len(pids) > self._max_processes * _FULL_SHARE:
                self.collect(drop_idle=drop_idle)

    def _read(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.void]]:
        keys = np.zeros(self._max_processes, dtype=np.uint32)
        values = np.zeros(self._max_processes, dtype=_PROCESS)
        count = bpf_syscall.map_lookup_batch(self._fd, keys, values)
        return keys[:count], values[:count]

    def _delete(self, pids: npt.NDArray[np.uint32]) -> None:
        for pid in pids:
            with contextlib.suppress(OSError):
                bpf_syscall.map_delete(self._fd, np.array([pid], dtype=np.uint32))


def wait_for_programs() -> None:
    """Until every BPF program that is running now has ended."""
    try:
        bpf_syscall.wait_for_running_programs()
    except OSError:  # kernels with nohz_full CPUs refuse; a program runs for microseconds
        time.sleep(0.02)
