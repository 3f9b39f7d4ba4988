"""From the sampling program's maps to profiles: one profile per reading, each complete in itself."""

import time

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.counts import CountReader
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.ring import FixedRingReader, RingReader
from profiler.agent.sampling.epoch import Epoch
from profiler.agent.sampling.event_namer import EventNamer
from profiler.agent.sampling.events import SAMPLE_TIME, epoch_of
from profiler.agent.sampling.filters import COUNT_ENTRIES, time_ring_bytes, write_config
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.sample_times import Records
from profiler.agent.sampling.unnamed_modules import UnnamedModules
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import DEFAULT_FREQUENCY_HZ, RecordingSpec

# Kernels with nohz_full CPUs refuse the barrier. A program runs for microseconds; this is a thousand times that.
_GRACE_S = 0.02
# A ring that is this full is read at once.
_URGENT_SHARE = 1 / 8
# Of the counts' room. At the highest rate the rest takes seconds to fill.
_FILLING_SHARE = 1 / 8


class Collector:
    """Not thread-safe; the recording holds a lock. Raises OSError when the kernel refuses to read a map."""

    def __init__(
        self, program: SamplingProgram, spec: RecordingSpec, namer: EventNamer, ring_size: int, table: FrameTable
    ) -> None:
        self._program = program
        self._spec = spec
        self._table = table
        self._namer = namer
        self._ring = RingReader(program.map_fd("stacks"), ring_size)
        self._time_ring = FixedRingReader(program.map_fd("times"), time_ring_bytes(ring_size), SAMPLE_TIME)
        self._counts = CountReader(program.map_fd("counts"), program.map_fd("counters"), COUNT_ENTRIES)
        self._epochs = [Epoch(), Epoch()]
        self._bpf_ns = 0
        self._epoch = 0
        write_config(program, spec, self._epoch)

    def get_ready(self) -> None:
        """Nothing that was before a sample matters to it."""

    def begin(self, started_ns: int) -> None:
        """Sample from now on. Raises ProgramError."""
        del started_ns  # the first sample is later
        self._program.attach(**rate(self._spec), cpu=self._spec.cpu)

    def halt(self) -> int:
        """Sample no more, from any thread; what was sampled is still to be taken. Returns when that was."""
        halted_ns = time.monotonic_ns()
        self._program.detach()
        return halted_ns

    def thin(self, factor: int) -> None:
        """From now on take a sample every `factor` periods only. Raises OSError."""
        self._program.set_period(self._spec.period_ns * factor)

    @property
    def unnamed(self) -> UnnamedModules:
        return self._namer.unnamed

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
        wait_for_running_programs()
        records = [record for part in self._ring.drain_all() for record in part]
        self._add_stacks([record for record in records if epoch_of(record) == old])
        for times in self._time_ring.drain_all():
            self._add_times(times)
        counts = self._counts.take(old)
        finished, self._epochs[old] = self._epochs[old], Epoch()
        labels = self._namer.labels(finished)
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
        for event in self._namer.decoded(records):
            epoch = self._epochs[event.hash & 1]
            epoch.stacks[event.hash] = self._namer.named(event, epoch)

    def _add_times(self, records: Records) -> None:
        for number, epoch in enumerate(self._epochs):
            epoch.times.add(records[records["key"] & 1 == number])

    def _take_bpf_ns(self) -> int:
        before, self._bpf_ns = self._bpf_ns, self._program.run_time_ns()
        return self._bpf_ns - before


def rate(spec: RecordingSpec) -> dict[str, int]:
    """As SamplingProgram.attach takes it."""
    if spec.count is not None:
        return {"period_ns": spec.count}
    return {"frequency": spec.frequency or DEFAULT_FREQUENCY_HZ}


def wait_for_running_programs() -> None:
    """What they were at when this was called is done when it returns."""
    try:
        bpf_syscall.wait_for_running_programs()
    except OSError:
        time.sleep(_GRACE_S)
