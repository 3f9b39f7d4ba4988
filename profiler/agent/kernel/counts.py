"""Reads what the sampling program counted in one epoch, into numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.bpf_syscall import UInt64s
from profiler.agent.sampling.events import Counter

_ONLINE_CPUS = Path("/sys/devices/system/cpu/online")
_POSSIBLE_CPUS = Path("/sys/devices/system/cpu/possible")


def cpu_list(text: str) -> list[int]:
    """The CPUs of a kernel CPU list such as `0-3,8`."""
    cpus: list[int] = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first:
            cpus.extend(range(int(first), int(last or first) + 1))
    return cpus


def online_cpus() -> list[int]:
    return cpu_list(_ONLINE_CPUS.read_text())


def possible_cpus() -> list[int]:
    """Those that maps have a value for."""
    return cpu_list(_POSSIBLE_CPUS.read_text())


@dataclass(frozen=True)
class Counts:
    """Counts by stack hash (two columns of one length), and the counters' growth since they were read last."""

    hashes: UInt64s
    counts: UInt64s
    counters: dict[Counter, int]


class CountReader:
    """Owns the reading side of the maps `counts` (hash u64 → u64) and `counters` (per-CPU array of u64)."""

    def __init__(self, counts_fd: int, counters_fd: int, entries: int) -> None:
        self._counts_fd = counts_fd
        self._counters_fd = counters_fd
        self._keys = np.zeros(entries, dtype=np.uint64)
        self._values = np.zeros(entries, dtype=np.uint64)
        self._cpu_values = np.zeros(len(possible_cpus()), dtype=np.uint64)
        self._seen: dict[tuple[int, Counter], int] = {}

    def take(self, epoch: int) -> Counts:
        """Read and remove an epoch's counts. No program may be counting in it any more."""
        found = bpf_syscall.map_lookup_batch(self._counts_fd, self._keys, self._values)
        mine = (self._keys[:found] & np.uint64(1)) == epoch
        keys, values = self._keys[:found][mine], self._values[:found][mine]
        bpf_syscall.map_delete_batch(self._counts_fd, keys)
        return Counts(keys, values, self.counters(epoch))

    def counters(self, epoch: int) -> dict[Counter, int]:
        """How much each has grown since it was read last."""
        return {counter: self._growth(epoch, counter) for counter in Counter}

    def _growth(self, epoch: int, counter: Counter) -> int:
        index = np.array([epoch * len(Counter) + counter], dtype=np.uint32)
        bpf_syscall.map_lookup(self._counters_fd, index, self._cpu_values)
        total = int(self._cpu_values.sum())
        growth = total - self._seen.get((epoch, counter), 0)
        self._seen[epoch, counter] = total
        return growth


class PerCpuCounters:
    """Growth of a per-CPU array of u64, one place for each of `names`."""

    def __init__(self, map_fd: int, names: Sequence[str]) -> None:
        self._map_fd = map_fd
        self._values = np.zeros(len(possible_cpus()), dtype=np.uint64)
        self._seen = dict.fromkeys(names, 0)

    def take(self) -> dict[str, int]:
        """Since the last time."""
        totals = {name: self._total(place) for place, name in enumerate(self._seen)}
        grown = {name: total - self._seen[name] for name, total in totals.items()}
        self._seen = totals
        return grown

    def _total(self, place: int) -> int:
        bpf_syscall.map_lookup(self._map_fd, np.array([place], dtype=np.uint32), self._values)
        return int(self._values.sum())
