"""Reads what a program summed up by stack in one epoch, into numpy: the twin of profiler/bpf/values.h."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.bpf_syscall import UInt64s
from profiler.agent.kernel.counts import CountReader
from profiler.agent.sampling.events import Counter

KEY = np.dtype([("stack", "<u8"), ("other", "<u8")])
SUM = np.dtype([("value", "<u8"), ("events", "<u8")])
# The low bits of a key's stack: the epoch, and above it the state.
_EPOCH, _STATE_SHIFT, KEY_BITS = 1, 1, 0x7FF


@dataclass(frozen=True)
class Sums:
    """Columns of one length, and the counters' growth since they were read last. `stack` and `other` are hashes of
    stacks, 0 for none.
    """

    stack: UInt64s
    state: UInt64s
    other: UInt64s
    value: UInt64s
    events: UInt64s
    counters: dict[Counter, int]


class SumReader:
    """Owns the reading side of the maps `counts` (KEY → SUM) and `counters`."""

    def __init__(self, sums_fd: int, counters_fd: int, entries: int) -> None:
        self._sums_fd = sums_fd
        self._keys: npt.NDArray[np.void] = np.zeros(entries, dtype=KEY)
        self._sums: npt.NDArray[np.void] = np.zeros(entries, dtype=SUM)
        self._counters = CountReader(sums_fd, counters_fd, 0)

    def take(self, epoch: int) -> Sums:
        """Read and remove an epoch's sums. No program may be adding to it any more."""
        found = bpf_syscall.map_lookup_batch(self._sums_fd, self._keys, self._sums)
        mine = self._keys["stack"][:found] & np.uint64(_EPOCH) == epoch
        keys, sums = self._keys[:found][mine], self._sums[:found][mine]
        bpf_syscall.map_delete_batch(self._sums_fd, keys)
        stack = keys["stack"]
        return Sums(
            stack=stack & np.uint64(2**64 - 1 - KEY_BITS),
            state=(stack & np.uint64(KEY_BITS)) >> np.uint64(_STATE_SHIFT),
            other=keys["other"],
            value=sums["value"],
            events=sums["events"],
            counters=self._counters.counters(epoch),
        )
