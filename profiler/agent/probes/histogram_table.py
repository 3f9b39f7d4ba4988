"""What a probe's histogram grew by since it was read last. The program's side is bpf/histogram.h."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.bpf_syscall import UInt64s
from profiler.agent.kernel.counts import PerCpuCounters
from profiler.agent.kernel.ring import FixedRingReader
from profiler.agent.probes.example_stacks import ExampleStacks, MapFd, NoStacks
from profiler.agent.probes.host_names import named_here
from profiler.core import batch
from profiler.core.histogram_batch import MAX_EXEMPLARS, MAX_ROWS, MAX_STACK_BYTES, Exemplar, HistogramBatch
from profiler.core.probe import Histogram

HEADERS = ("bpf/histogram.h", "bpf/example_stacks.h")
PAGE = 4096
# 64 KiB hold eight hundred examples: two seconds of the most that a program sends.
EXEMPLAR_PAGES = 16
# `enum histogram_loss`.
LOSSES = ("table of rows full", "table of begun events full", "events that the kernel kept to itself")
TOO_LARGE = f"the stacks of its second were over MAX_STACK_BYTES ({MAX_STACK_BYTES:,})"
# `struct exemplar`.
EXEMPLAR = np.dtype(
    [
        ("time_ns", "<u8"), ("value", "<u8"), ("stack", "<u8"), ("key", "S16"), ("pid", "<u4"), ("tid", "<u4"),
        ("comm", "S16"),
    ]
)  # fmt: skip
_KEY = np.dtype("S16")  # two words; as bytes they can be sorted and looked up


def sizes(histogram: Histogram) -> dict[str, int]:
    """Macros of bpf/histogram.h."""
    step = {} if histogram.buckets.step is None else {"HISTOGRAM_STEP": histogram.buckets.step}
    shape = {"HISTOGRAM_BUCKETS": histogram.buckets.count, "HISTOGRAM_ROWS": MAX_ROWS}
    return {**shape, "EXEMPLAR_PAGES": EXEMPLAR_PAGES, **step}


@dataclass(frozen=True)
class _Growth:
    keys: npt.NDArray[np.bytes_]
    values: UInt64s  # rows × (sum, buckets)


class HistogramTable:
    """Reads the maps of one loaded program, whole and at once. Rows are never deleted: what they grew by is exact."""

    def __init__(
        self, map_fd: MapFd, histogram: Histogram, host: str, probe: str, stacks: ExampleStacks | NoStacks
    ) -> None:
        self._histogram, self._host, self._probe = histogram, host, probe
        self._map_fd = map_fd("histogram")
        self._losses = PerCpuCounters(map_fd("histogram_lost"), LOSSES)
        self._keys = np.zeros(MAX_ROWS, dtype=_KEY)
        self._values = np.zeros((MAX_ROWS, 1 + histogram.buckets.count), dtype=np.uint64)
        self._seen = _Growth(self._keys[:0].copy(), self._values[:0].copy())
        self._ring = FixedRingReader(map_fd("exemplars"), EXEMPLAR_PAGES * PAGE, EXEMPLAR)
        self._stacks = stacks
        self._names: dict[bytes, tuple[str, ...]] = {}
        self._start_ns = time.time_ns()

    def read(self) -> HistogramBatch:
        """Raises OSError."""
        growth = self._growth()
        start_ns, self._start_ns = self._start_ns, max(self._start_ns, time.time_ns())
        labels, counts, sums = self._rows(growth)
        lost = {cause: count for cause, count in self._losses.take().items() if count}
        exemplars, stacks = self._exemplars()
        return HistogramBatch(
            self._host, self._probe, start_ns, self._start_ns, self._histogram.buckets,
            labels, counts, sums, exemplars, lost, stacks,
        )  # fmt: skip

    def close(self) -> None:
        self._ring.close()

    def _growth(self) -> _Growth:
        """Of the rows that grew."""
        found = bpf_syscall.map_lookup_batch(self._map_fd, self._keys, self._values)
        order = np.argsort(self._keys[:found])
        now = _Growth(self._keys[:found][order], self._values[:found][order])
        grown = now.values.copy()
        grown[np.searchsorted(now.keys, self._seen.keys)] -= self._seen.values
        self._seen = now
        some = grown[:, 1:].any(axis=1)
        return _Growth(now.keys[some], grown[some])

    def _rows(self, growth: _Growth) -> tuple[tuple[tuple[str, ...], ...], npt.NDArray[np.int64], tuple[int, ...]]:
        """By labels: rows that are named alike are one."""
        names = [self._name(key) for key in growth.keys.tolist()]
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        total = np.zeros((len(places), growth.values.shape[1]), dtype=np.uint64)
        np.add.at(total, [places[name] for name in names], growth.values)
        return tuple(places), total[:, 1:].astype(np.int64), tuple(total[:, 0].tolist())

    def _name(self, key: bytes) -> tuple[str, ...]:
        if key not in self._names:
            first, second = np.frombuffer(key.ljust(_KEY.itemsize, b"\0"), dtype="<u8").tolist()
            self._names[key] = named_here(self._histogram.labels, self._histogram.name_rows(first, second))
        return self._names[key]

    def _exemplars(self) -> tuple[tuple[Exemplar, ...], bytes]:
        """With their stacks, packed."""
        # The clock may be set while this runs; an example is at most that much off.
        ahead_ns = time.time_ns() - time.monotonic_ns()
        records = self._ring.drain()[-MAX_EXEMPLARS:]
        taken = self._stacks.take(records["stack"].tolist())
        stacks = batch.packed(taken.profile) if taken.profile else b""
        if len(stacks) > MAX_STACK_BYTES:
            taken, stacks = NoStacks(TOO_LARGE).take(records["stack"].tolist()), b""
        columns = (records[name].tolist() for name in ("time_ns", "value", "key", "pid", "tid", "comm"))
        exemplars = tuple(
            Exemplar(
                at_ns=time_ns + ahead_ns, value=value, pid=pid, tid=tid,
                comm=comm.decode(errors="replace"), labels=self._name(key), stack=node, no_stack=why,
            )
            for time_ns, value, key, pid, tid, comm, node, why in zip(*columns, taken.nodes, taken.why, strict=True)
        )  # fmt: skip
        return exemplars, stacks
