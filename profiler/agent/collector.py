"""From the sampling program's maps to profiles: one profile per reading, each complete in itself."""

import time
from collections import Counter as Tally
from dataclasses import dataclass

from profiler.agent import bpf_syscall
from profiler.agent.cgroup_labels import CgroupLabeller, CgroupPaths
from profiler.agent.counts import CountReader, Counts
from profiler.agent.events import (
    LOST_CAUSES,
    OUTCOME_NAMES,
    SAMPLE_TIME,
    SKIPPED_CAUSES,
    Counter,
    StackEvent,
    decode_stack,
)
from profiler.agent.filters import COUNT_ENTRIES, time_ring_bytes, write_config
from profiler.agent.program import SamplingProgram
from profiler.agent.ring import FixedRingReader, RingReader
from profiler.agent.runtimes.base import Refined
from profiler.agent.runtimes.registry import Runtimes
from profiler.agent.sample_times import Records, SampleTimes
from profiler.agent.symbols.modules import has_no_symbol
from profiler.agent.symbols.process import ANONYMOUS, UNMAPPED
from profiler.agent.symbols.symbolizer import STACK_LOST, Symbolizer
from profiler.agent.unnamed_modules import UnnamedModules
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.spec import RecordingSpec

TIMES_LATE = "times of samples, held back in the ring"
# Kernels with nohz_full CPUs refuse the barrier. A program runs for microseconds; this is a thousand times that.
_GRACE_S = 0.02


@dataclass(frozen=True)
class _KnownStack:
    node: int
    thread: int
    outcome: str
    unknown_module: str
    runtime_outcome: str
    hint: str


class _Epoch:
    """What arrived of one epoch so far."""

    def __init__(self) -> None:
        self.builder = ProfileBuilder(ProfileMeta())
        self.stacks: dict[int, _KnownStack] = {}
        self.times = SampleTimes()


class Collector:
    """Not thread-safe; the recording holds a lock. Raises OSError when the kernel refuses to read a map."""

    def __init__(
        self,
        program: SamplingProgram,
        spec: RecordingSpec,
        symbolizer: Symbolizer,
        ring_size: int,
        runtimes: Runtimes | None = None,
    ) -> None:
        self._runtimes = runtimes
        self._program = program
        self._spec = spec
        self._symbolizer = symbolizer
        self._ring = RingReader(program.map_fd("stacks"), ring_size)
        self._time_ring = FixedRingReader(program.map_fd("times"), time_ring_bytes(ring_size), SAMPLE_TIME)
        self._counts = CountReader(program.map_fd("counts"), program.map_fd("counters"), COUNT_ENTRIES)
        self._epochs = [_Epoch(), _Epoch()]
        self._cgroups = CgroupPaths()
        self._labeller = CgroupLabeller()
        self._bpf_ns = 0
        self.unnamed = UnnamedModules()
        self._epoch = 0
        write_config(program, spec, self._epoch)

    def drain(self) -> None:
        """Symbolise the stacks that are new in the ring, while their processes still live."""
        self._add_stacks(self._ring.drain())
        self._add_times(self._time_ring.drain())

    def take(self, meta: ProfileMeta, unix_offset_ns: int) -> Profile:
        """Everything sampled since the last call. The quality's `agent_cpu_ns` is left to the caller."""
        old = self._epoch
        self._epoch = 1 - old
        self._epochs[self._epoch].times.began_ns = time.monotonic_ns()
        write_config(self._program, self._spec, self._epoch)
        _wait_for_running_programs()
        for records in self._ring.drain_all():
            self._add_stacks(records)
        for times in self._time_ring.drain_all():
            self._add_times(times)
        counts = self._counts.take(old)
        finished, self._epochs[old] = self._epochs[old], _Epoch()
        self._cgroups.forget_processes()
        finished.builder.label_cgroups(self._labeller.labels(finished.builder.cgroup_paths()))
        return _build(finished, counts, self._take_bpf_ns(), meta, unix_offset_ns)

    def close(self) -> None:
        self._ring.close()
        self._time_ring.close()

    def _add_stacks(self, records: list[bytes]) -> None:
        for record in records:
            event = decode_stack(record)
            epoch = self._epochs[event.hash & 1]
            epoch.stacks[event.hash] = self._intern(epoch.builder, event)

    def _add_times(self, records: Records) -> None:
        for number, epoch in enumerate(self._epochs):
            epoch.times.add(records[records["key"] & 1 == number])

    def _intern(self, builder: ProfileBuilder, event: StackEvent) -> _KnownStack:
        wants = {"want_user": not self._spec.kernel_only, "want_kernel": not self._spec.user_only}
        native = self._symbolizer.stack(event, **wants)
        refined = self._runtimes.refine(event, native) if self._runtimes else Refined(native)
        frames = refined.frames
        tgid, tid, comm = event.task
        unknown_module = _unknown_module(frames[-1])
        if unknown_module:
            self.unnamed.note(tgid, frames[-1])
        cgroup = self._cgroups.path(event.cgroup, event.cgroup_hierarchy, tgid)
        return _KnownStack(
            node=builder.stack([builder.frame(frame) for frame in frames]),
            thread=builder.thread(Thread(tgid, tid, comm, cgroup)),
            outcome="not asked for" if self._spec.kernel_only else OUTCOME_NAMES[event.outcome],
            unknown_module=unknown_module,
            runtime_outcome=refined.outcome,
            hint=refined.hint,
        )

    def _take_bpf_ns(self) -> int:
        before, self._bpf_ns = self._bpf_ns, self._program.run_time_ns()
        return self._bpf_ns - before


def _build(epoch: _Epoch, counts: Counts, bpf_ns: int, meta: ProfileMeta, unix_offset_ns: int) -> Profile:
    outcomes: Tally[str] = Tally()
    unknown: Tally[str] = Tally()
    runtimes: Tally[str] = Tally()
    hints: Tally[str] = Tally()
    builder = epoch.builder
    owners: list[tuple[int, int]] = []
    for key, count in zip(counts.hashes.tolist(), counts.counts.tolist(), strict=True):
        stack = epoch.stacks.get(key)
        if stack is None:
            owners.append((builder.stack([builder.frame(STACK_LOST)]), builder.thread(Thread())))
            builder.add(owners[-1][0], count, owners[-1][1])
            continue
        owners.append((stack.node, stack.thread))
        builder.add(stack.node, count, stack.thread)
        outcomes[stack.outcome] += count
        if stack.unknown_module:
            unknown[stack.unknown_module] += count
        if stack.runtime_outcome:
            runtimes[stack.runtime_outcome] += count
        if stack.hint:
            hints[stack.hint] += count
    late = epoch.times.tell(builder, counts.hashes, owners, unix_offset_ns)
    skipped = {cause: count for counter, cause in SKIPPED_CAUSES.items() if (count := counts.counters[counter])}
    quality = Quality(
        samples=counts.counters[Counter.SAMPLES],
        lost={cause: lost for counter, cause in LOST_CAUSES.items() if (lost := counts.counters[counter])},
        outcomes=outcomes,
        unknown=unknown,
        skipped=skipped | ({TIMES_LATE: late} if late else {}),
        bpf_ns=bpf_ns,
        runtimes=runtimes,
        hints=hints,
    )
    return builder.build(quality, meta)


def _unknown_module(frame: Frame) -> str:
    """The module of a frame without a symbol, empty for one that has a name."""
    return frame.module if has_no_symbol(frame) or frame in (UNMAPPED, ANONYMOUS) else ""


def _wait_for_running_programs() -> None:
    try:
        bpf_syscall.wait_for_running_programs()
    except OSError:
        time.sleep(_GRACE_S)
