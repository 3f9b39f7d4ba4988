"""From the sampling program's maps to profiles: one profile per reading, each complete in itself."""

import time

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.counts import CountReader
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.ring import FixedRingReader, RingReader
from profiler.agent.runtimes.registry import Runtimes
from profiler.agent.sampling.epoch import Epoch, SampledStack
from profiler.agent.sampling.events import SAMPLE_TIME, StackEvent, decode_stack, epoch_of
from profiler.agent.sampling.filters import COUNT_ENTRIES, time_ring_bytes, write_config
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.sample_times import Records
from profiler.agent.sampling.stack_namer import NamedStack, StackNamer
from profiler.agent.sampling.unnamed_modules import UnnamedModules
from profiler.agent.symbols.process import ANONYMOUS, UNMAPPED
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.agent.targets.cgroup_labels import CgroupLabeller, CgroupPaths
from profiler.core.frame import Frame, has_no_symbol
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

# Kernels with nohz_full CPUs refuse the barrier. A program runs for microseconds; this is a thousand times that.
_GRACE_S = 0.02
# A ring that is this full is read at once.
_URGENT_SHARE = 1 / 8
# Of the counts' room. At the highest rate the rest takes seconds to fill.
_FILLING_SHARE = 1 / 8


class Collector:
    """Not thread-safe; the recording holds a lock. Raises OSError when the kernel refuses to read a map."""

    def __init__(
        self,
        program: SamplingProgram,
        spec: RecordingSpec,
        symbolizer: Symbolizer,
        ring_size: int,
        table: FrameTable,
        runtimes: Runtimes | None = None,
    ) -> None:
        self._runtimes = runtimes
        self._program = program
        self._spec = spec
        self._symbolizer = symbolizer
        self._table = table
        wants = {"want_user": not spec.kernel_only, "want_kernel": not spec.user_only}
        self._namer = StackNamer(symbolizer, table, runtimes, **wants)
        self._ring = RingReader(program.map_fd("stacks"), ring_size)
        self._time_ring = FixedRingReader(program.map_fd("times"), time_ring_bytes(ring_size), SAMPLE_TIME)
        self._counts = CountReader(program.map_fd("counts"), program.map_fd("counters"), COUNT_ENTRIES)
        self._epochs = [Epoch(), Epoch()]
        self._cgroups = CgroupPaths()
        self._labeller = CgroupLabeller()
        self._unknown_modules: dict[bytes, str] = table.cache({})
        self._bpf_ns = 0
        self.unnamed = UnnamedModules()
        self._epoch = 0
        write_config(program, spec, self._epoch)

    @property
    def is_urgent(self) -> bool:
        """Whether the rings should be read now, lest they fill up."""
        return any(ring.fill > _URGENT_SHARE for ring in (self._ring, self._time_ring))

    @property
    def is_filling(self) -> bool:
        """Whether the counts should be taken soon, lest there is no room for another stack."""
        return len(self._epochs[self._epoch].stacks) > COUNT_ENTRIES * _FILLING_SHARE

    def drain(self) -> None:
        """Name the stacks that are new in the ring, while their processes still live."""
        self._add_stacks(self._ring.drain())
        self._add_times(self._time_ring.drain())

    def take(self, meta: ProfileMeta, unix_offset_ns: int) -> Profile:
        """Everything sampled since the last call. The quality's `agent_cpu_ns` is left to the caller."""
        old = self._epoch
        self._epoch = 1 - old
        self._epochs[self._epoch].times.began_ns = time.monotonic_ns()
        write_config(self._program, self._spec, self._epoch)
        _wait_for_running_programs()
        records = [record for part in self._ring.drain_all() for record in part]
        self._add_stacks([record for record in records if epoch_of(record) == old])
        for times in self._time_ring.drain_all():
            self._add_times(times)
        counts = self._counts.take(old)
        finished, self._epochs[old] = self._epochs[old], Epoch()
        self._cgroups.forget_processes()
        labels = self._labeller.labels(finished.cgroup_paths())
        profile = finished.build(counts, self._table, meta, unix_offset_ns, self._take_bpf_ns(), labels)
        # Nothing of the new epoch has been named yet: nobody holds a frame's number.
        self._table.clear_if_large()
        self._namer.trim()
        self._add_stacks([record for record in records if epoch_of(record) != old])
        return profile

    def close(self) -> None:
        self._ring.close()
        self._time_ring.close()

    def _add_stacks(self, records: list[bytes]) -> None:
        if not records:
            return
        # What tells of these stacks was written before them.
        self._symbolizer.drain_mapping_events()
        if self._runtimes:
            self._runtimes.read()
        for record in records:
            event = decode_stack(record)
            self._epochs[event.hash & 1].stacks[event.hash] = self._named(event)

    def _add_times(self, records: Records) -> None:
        for number, epoch in enumerate(self._epochs):
            epoch.times.add(records[records["key"] & 1 == number])

    def _named(self, event: StackEvent) -> SampledStack:
        epoch = self._epochs[event.hash & 1]
        thread = epoch.known_thread(event)
        if thread is None:
            tgid = event.task.tgid
            if self._runtimes and event.user:
                self._runtimes.notice(tgid, event.task.comm)
            thread = epoch.add_thread(event, self._cgroups.path(event.cgroup, event.cgroup_hierarchy, tgid))
        stack = self._namer.name(event)
        return SampledStack(stack, thread, self._unknown_module(stack, event.task.tgid))

    def _unknown_module(self, stack: NamedStack, pid: int) -> str:
        """The module of an innermost frame without a symbol, empty for one that has a name."""
        last = stack.path[-4:]
        module = self._unknown_modules.get(last)
        if module is None or module:
            frame = self._table[int.from_bytes(last, "little")]
            module = self._unknown_modules[last] = _unknown_module(frame)
            if module:
                self.unnamed.note(pid, frame)
        return module

    def _take_bpf_ns(self) -> int:
        before, self._bpf_ns = self._bpf_ns, self._program.run_time_ns()
        return self._bpf_ns - before


def _unknown_module(frame: Frame) -> str:
    return frame.module if has_no_symbol(frame) or frame in (UNMAPPED, ANONYMOUS) else ""


def _wait_for_running_programs() -> None:
    try:
        bpf_syscall.wait_for_running_programs()
    except OSError:
        time.sleep(_GRACE_S)
