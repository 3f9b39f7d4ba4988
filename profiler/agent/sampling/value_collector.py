"""From a probe's maps to profiles: values that its program added to stacks, each profile complete in itself."""

import threading
import time

import numpy as np

from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.ring import RingReader
from profiler.agent.kernel.value_counts import SumReader, Sums
from profiler.agent.sampling.collector import wait_for_running_programs
from profiler.agent.sampling.event_namer import EventNamer
from profiler.agent.sampling.filters import COUNT_ENTRIES, write_config
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.kept_memory import kept_memory
from profiler.agent.sampling.on_cpu import shared_by_samples
from profiler.agent.sampling.program_stacks import ProgramStacks
from profiler.agent.sampling.sampled_profile import ProfileParts, Rows, counted
from profiler.agent.sampling.unnamed_modules import UnnamedModules
from profiler.agent.sampling.value_options import VALUE_RING_BYTES
from profiler.agent.sampling.value_stacks import ValueStacks
from profiler.agent.sampling.waiting_threads import Threads, waiting_threads
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.spec import RecordingSpec
from profiler.core.times import Times
from profiler.probes.stacks import parameters_of, stack_probe

# A ring that is this full is read at once.
_URGENT_SHARE = 1 / 8
# Of the sums' room.
_FILLING_SHARE = 1 / 4
MISSED = "program busy"


class ValueCollector:
    """Not thread-safe but for `halt`; the recording holds a lock. Raises OSError when the kernel refuses a map."""

    def __init__(
        self, program: SamplingProgram, spec: RecordingSpec, namer: EventNamer, table: FrameTable, threads: Threads
    ) -> None:
        self._program = program
        self._spec = spec
        self._namer = namer
        self._table = table
        self._ring = RingReader(program.map_fd("stacks"), VALUE_RING_BYTES)
        self._sums = SumReader(program.map_fd("counts"), program.map_fd("counters"), COUNT_ENTRIES)
        self._stacks = ValueStacks(table, stack_probe(spec.probe).states)
        self._program_stacks = ProgramStacks(program)
        self._waiting = waiting_threads(program, spec, table, self._stacks, threads)
        self._kept = kept_memory(program, spec)
        self._config = threading.Lock()
        self._following = False
        self._halted_ns = 0
        self._epoch = self._started_ns = self._bpf_ns = self._missed = self._new = 0
        self._write_config()

    @property
    def unnamed(self) -> UnnamedModules:
        return self._namer.unnamed

    @property
    def is_urgent(self) -> bool:
        """Whether the ring should be read now, lest it fills up."""
        return self._ring.fill > _URGENT_SHARE

    @property
    def is_filling(self) -> bool:
        """Whether the sums should be taken soon, lest there is no room for another stack."""
        return self._new > COUNT_ENTRIES * _FILLING_SHARE

    def get_ready(self) -> None:
        """Follow what happens, without counting: what began before is then known."""
        if self._waiting:
            self._following = True
            self._write_config()
            self._waiting.enter(time.monotonic_ns())

    def begin(self, started_ns: int) -> None:
        """Count from now on. Raises ProgramError."""
        self._started_ns, self._following = started_ns, True
        self._write_config()
        if self._program.has_clock:
            hertz = parameters_of(self._spec)["hertz"]
            self._program.attach(frequency=int(hertz), cpu=self._spec.cpu)

    def halt(self) -> int:
        """Count no more, from any thread; what was counted is still to be taken. Returns when that was."""
        halted_ns = time.monotonic_ns()
        self._following = False
        self._write_config()
        self._program.detach()
        wait_for_running_programs()
        # Open waits end when none can begin or end any more: what is counted after that counts twice.
        self._halted_ns = time.monotonic_ns() if self._waiting else halted_ns
        return self._halted_ns

    def thin(self, factor: int) -> None:
        """Events are counted all: there is no rate to lower."""

    def drain(self) -> None:
        """Name the stacks that are new in the ring, while their processes still live."""
        self._add(self._ring.drain())

    def take(self, meta: ProfileMeta, unix_offset_ns: int) -> Profile:
        """Everything counted since the last call. The quality's `agent_cpu_ns` is left to the caller."""
        del unix_offset_ns  # sums have no times
        if self._halted_ns and self._waiting:
            self._waiting.close(self._halted_ns)
        kept = self._kept.close(self._epoch) if self._halted_ns and self._kept else 0
        # Before the epochs change: what begins later has a stack that was sent later.
        begun = self._program_stacks.begun() if self._stacks.has_old else set()
        old = self._epoch
        self._epoch = 1 - old
        self._write_config()
        wait_for_running_programs()
        for records in self._ring.drain_all():
            self._add(records)
        self._new = 0
        sums = self._sums.take(old)
        rows = self._rows(sums)
        quality = counted(sums.counters, self._take_bpf_ns()) + self._take_missed() + Quality(samples=kept)
        labels = self._namer.labels(self._stacks)
        profile = ProfileParts(rows, self._table).profile(meta, quality, Times.none(), labels)
        self._forget(begun)
        return profile

    def close(self) -> None:
        self._ring.close()

    def _forget(self, begun: set[int]) -> None:
        """In two turns: after the first one the program sends again what it meets; after the second one everything that
        was counted, and what has `begun`, has its stack among those.
        """
        if self._stacks.has_old:
            self._stacks.forget_old(begun)
        elif self._stacks.are_many:
            self._stacks.begin_anew()
            self._program_stacks.send_again()
        self._namer.trim()

    def _write_config(self) -> None:
        with self._config:
            write_config(self._program, self._spec, self._epoch, self._started_ns, following=self._following)

    def _add(self, records: list[bytes]) -> None:
        for event in self._namer.decoded(records):
            self._new += event.hash not in self._stacks.stacks
            self._stacks.stacks[event.hash] = self._namer.named(event, self._stacks)

    def _rows(self, sums: Sums) -> Rows:
        keys = zip(sums.stack.tolist(), sums.state.tolist(), sums.other.tolist(), strict=True)
        sampled = [self._stacks.stack(*key) for key in keys]
        value, events = sums.value.astype(np.int64), sums.events.astype(np.int64)
        rows = Rows(sampled, value, events, tuple(self._stacks.threads))
        return shared_by_samples(rows, sums.state) if self._stacks.are_waits else rows

    def _take_bpf_ns(self) -> int:
        before, self._bpf_ns = self._bpf_ns, self._program.run_time_ns()
        return self._bpf_ns - before

    def _take_missed(self) -> Quality:
        """Events that no program saw."""
        before, self._missed = self._missed, self._program.missed()
        missed = self._missed - before
        return Quality(samples=missed, lost={MISSED: missed}) if missed else Quality()
