"""What a recording is made of, opened in the order in which it must be."""

import contextlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from profiler.agent.kernel import bpf_syscall, btf
from profiler.agent.kernel.attach_points import AttachPoint
from profiler.agent.kernel.counts import online_cpus
from profiler.agent.kernel.program import ProgramError, SamplingProgram
from profiler.agent.kernel.program_source import ProgramOptions
from profiler.agent.runtimes.registry import RUNTIME_FILES, Context, Runtimes
from profiler.agent.sampling.chosen_points import chosen_points
from profiler.agent.sampling.collector import Collector
from profiler.agent.sampling.event_namer import EventNamer
from profiler.agent.sampling.filters import CgroupTasks, fill_filters, program_options, ring_bytes
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.value_collector import ValueCollector
from profiler.agent.sampling.value_options import value_options
from profiler.agent.symbols.mapping_events import MappingEvents
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.agent.targets.children import Children
from profiler.agent.targets.pid_namespaces import all_pids
from profiler.agent.targets.target_groups import TargetGroup
from profiler.agent.targets.target_threads import ThreadNow, target_threads
from profiler.agent.targets.target_watch import TargetWatch
from profiler.agent.unwind import unwinder
from profiler.core.errors import WebprofError
from profiler.core.spec import RecordingSpec

logger = logging.getLogger(__name__)


class RecordingError(WebprofError):
    """The recording could not be started or read. The text says why and what to do."""


@dataclass
class Running:
    """What exists between start and stop. Times are of the monotonic clock. `factor`: of the rate, as it is now."""

    program: SamplingProgram
    symbolizer: Symbolizer
    collector: Collector | ValueCollector
    unwinder: unwinder.Unwinder | None
    runtimes: Runtimes | None
    tasks: CgroupTasks | None
    children: Children | None
    mappings: MappingEvents | None
    started_ns: int = 0
    taken_until_ns: int = 0
    halted_ns: int = 0
    factor: int = 1

    def begin(self) -> None:
        """Sampling begins now."""
        self.started_ns = self.taken_until_ns = time.monotonic_ns()

    @property
    def has_newcomers(self) -> bool:
        """Whether processes are to be met that should not wait: a runtime's, or very many."""
        return bool(self.mappings and self.mappings.are_urgent()) or bool(self.runtimes and self.runtimes.is_waiting)

    def drain(self) -> None:
        if self.tasks:
            self.tasks.update()
        if self.unwinder:
            self.unwinder.check()
        self.collector.drain()
        self.meet()

    def meet(self) -> None:
        """Look at processes that are new."""
        self.symbolizer.drain_mapping_events()
        if self.runtimes:
            self.runtimes.expect(self.mappings.take_newcomers() if self.mappings else ())
            self.runtimes.check()

    def take_skipped(self) -> dict[str, int]:
        """What was passed over since the last call, by reason."""
        skipped: dict[str, int] = {}
        for part in (self.unwinder, self.symbolizer.naming.lookups, self.children, self.tasks):
            for reason, count in part.take_skipped().items() if part else ():
                skipped[reason] = skipped.get(reason, 0) + count
        return skipped


class Setup:
    """Everything that is opened is closed with `resources`. Raises WebprofError or OSError.

    `background`: nothing is asked of programs.
    """

    def __init__(
        self, spec: RecordingSpec, symbolizer: Symbolizer, resources: contextlib.ExitStack, *, background: bool
    ) -> None:
        self._spec = spec
        self._symbolizer = symbolizer
        self._resources = resources
        self._background = background
        self._table = FrameTable()

    def open(self, group: TargetGroup | None, watch: TargetWatch) -> Running:
        """Sampling does not run yet: `attach` starts it."""
        with btf.read_once():
            return self._open(group, watch)

    def _open(self, group: TargetGroup | None, watch: TargetWatch) -> Running:
        spec = self._spec
        online = online_cpus()
        if spec.cpu is not None and spec.cpu not in online:
            raise RecordingError(f"CPU {spec.cpu} is not online; this host has {', '.join(map(str, online))}")
        cgroup = group.directory if group else None
        ring_size = ring_bytes(spec, 1 if spec.cpu is not None else len(online)) if spec.is_sampled else 0
        sampled = program_options(spec, cgroup, ring_size) if spec.is_sampled else None
        program, tables = self._load(sampled or value_options(spec, cgroup), chosen_points(spec))
        self._measure_run_time()
        fill_filters(program, spec, cgroup)
        tasks = CgroupTasks(program, cgroup) if cgroup and not cgroup.unified else None
        if tasks:
            tasks.update()
        self._symbolizer.forget_kernel()
        mappings = None
        if not spec.kernel_only:
            mappings = self._resources.enter_context(self._symbolizer.following_mappings(online, RUNTIME_FILES))
        runtimes = self._runtimes(program) if tables else None
        namer = EventNamer(spec, self._symbolizer, self._table, runtimes)
        collector: Collector | ValueCollector
        if spec.is_sampled:
            collector = Collector(program, spec, namer, ring_size, self._table)
        else:
            collector = ValueCollector(program, spec, namer, self._table, lambda: self._threads(group, children))
        self._resources.callback(collector.close)
        # From here on the program follows forks: its configuration is written.
        children = self._adopt(program, group, set(watch.processes), tables, runtimes)
        return Running(program, self._symbolizer, collector, tables, runtimes, tasks, children, mappings)

    def _adopt(
        self,
        program: SamplingProgram,
        group: TargetGroup | None,
        targets: set[int],
        tables: unwinder.Unwinder | None,
        runtimes: Runtimes | None,
    ) -> Children | None:
        """Get ready for what will be sampled."""
        children = Children(program, self._spec, group) if self._spec.children else None
        are_given = bool(targets)
        if children:
            targets |= children.adopt(targets)
        if not self._spec.kernel_only and are_given:
            self._symbolizer.meet_targets(targets)
        elif not self._spec.kernel_only:
            self._symbolizer.meet_running(all_pids())
        if tables:
            tables.start(tuple(targets), new_processes=self._spec.children)
        if runtimes and targets:
            runtimes.adopt_targets(targets)
        elif runtimes:
            runtimes.adopt_all()
        return children

    def _threads(self, group: TargetGroup | None, children: Children | None) -> Iterator[ThreadNow]:
        """Those that are recorded, as they are now."""
        return target_threads(self._spec, group, children.followed() if children else frozenset())

    def _load(
        self, options: ProgramOptions, points: Sequence[AttachPoint]
    ) -> tuple[SamplingProgram, unwinder.Unwinder | None]:
        """With unwind tables, or by frame pointers on kernels that lack what the tables need; outcomes tell which."""
        if self._spec.kernel_only:
            return self._closed_at_end(SamplingProgram(options, points=points)), None
        try:
            by_tables = options.with_tables(unwinder.switches(), unwinder.sizes())
            program = self._closed_at_end(SamplingProgram(by_tables, points=points))
        except ProgramError as error:
            logger.warning("user stacks are walked by frame pointers: %s", error)
            return self._closed_at_end(SamplingProgram(options, points=points)), None
        tables = unwinder.Unwinder(program, unwinder.default_cache_directory())
        self._resources.callback(tables.close)
        return program, tables

    def _runtimes(self, program: SamplingProgram) -> Runtimes:
        """With unwind tables only: frames of runtimes have their place between native frames."""
        symbolizer = self._symbolizer
        context = Context(program, self._table, symbolizer.forget, symbolizer.files, may_ask=not self._background)
        runtimes = Runtimes(context)
        self._resources.callback(runtimes.close)
        return runtimes

    def _closed_at_end(self, program: SamplingProgram) -> SamplingProgram:
        self._resources.callback(program.close)
        return program

    def _measure_run_time(self) -> None:
        """The kernel's run-time statistics, for as long as we record. Without them the cost is told as 0."""
        with contextlib.suppress(OSError):
            self._resources.callback(os.close, bpf_syscall.enable_run_time_stats())
