"""One recording on this host: start it, read what came, stop it."""

import contextlib
import functools
import logging
import os
import threading
import time
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, replace

from profiler.agent import bpf_syscall, own_cost
from profiler.agent.capabilities import recording_blocker
from profiler.agent.children import Children
from profiler.agent.collector import Collector
from profiler.agent.counts import online_cpus
from profiler.agent.filters import CgroupTasks, fill_filters, program_options, ring_bytes
from profiler.agent.program import ProgramError, SamplingProgram
from profiler.agent.program_source import ProgramOptions
from profiler.agent.runtimes.registry import Context, Runtimes
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.agent.target_groups import TargetGroup, target_group
from profiler.agent.target_watch import TargetWatch
from profiler.agent.unwind import unwinder
from profiler.core.builder import ProfileBuilder
from profiler.core.errors import WebprofError
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import DEFAULT_FREQUENCY_HZ, RecordingSpec

logger = logging.getLogger(__name__)

# Stacks are symbolised this often: the shorter, the more short-lived processes are still there to be asked.
DRAIN_INTERVAL_S = 0.1
BACKGROUND_DRAIN_INTERVAL_S = 1.0
# Debug information that is read for the first time takes seconds; what is not known by then shows plain functions.
MAX_NAMING_S = 5.0


class RecordingError(WebprofError):
    """The recording could not be started or read. The text says why and what to do."""


@functools.cache
def shared_symbolizer() -> Symbolizer:
    """The agent's one symbolizer; its caches outlive recordings."""
    return Symbolizer()


class Recording:
    """`start`, then `poll` any number of times, then `stop`. Each profile holds what came since the one before.

    In every profile each sample that was taken and not lost adds `factor` to the values, which is 1 unless `thin`
    lowered the rate: values always count samples at the rate that was asked for, quality.samples those really taken.
    Sum of the values = samples + thinned - factor * lost. How long to record is the caller's business. All methods
    raise RecordingError.

    `background`: it never ends, so it wakes up less often and asks nothing of programs; another recording may run too.
    """

    def __init__(
        self, spec: RecordingSpec, meta: ProfileMeta, symbolizer: Symbolizer | None = None, *, background: bool = False
    ) -> None:
        self._spec = spec
        self._meta = replace(meta, period_ns=spec.period_ns)
        self._symbolizer = symbolizer or shared_symbolizer()
        self._lookups = self._symbolizer.naming.lookups
        self._background = background
        self._lock = threading.Lock()
        self._halting = threading.Lock()
        self._ended = threading.Event()
        self._resources = contextlib.ExitStack()
        self._running: _Running | None = None
        self._watch: TargetWatch | None = None
        self._failure: Exception | None = None
        self._cpu_ns = 0
        self._factor = 1
        self._drainer = threading.Thread(target=self._drain_until_end, name="webprof-drain", daemon=True)

    @property
    def start_ns(self) -> int:
        """When sampling began: Unix time."""
        return self._meta.start_ns

    @property
    def exited_targets(self) -> Mapping[str, float]:
        """Targets that ended while recording (`pid 7`, `container web`) → seconds after the start."""
        return dict(self._watch.exited) if self._watch else {}

    def targets_alive(self) -> bool:
        """False once all that was asked for is gone, and the children that are followed."""
        running = self._running
        if self._watch is None or self._watch.alive:
            return True
        return bool(running and running.children and running.children.any_alive())

    def start(self) -> None:
        """Compile, load and attach; sampling runs when this returns."""
        self._cpu_ns = own_cost.cpu_ns()
        try:
            if blocker := recording_blocker():
                raise RecordingError(blocker)
            group = target_group(self._spec)
            self._watch = TargetWatch(self._spec, group)
            self._running = self._open(group)
        except (WebprofError, OSError) as error:
            self._resources.close()
            raise RecordingError(f"can't start recording: {error}") from error
        self._drainer.start()

    def thin(self, factor: int) -> None:
        """From the next poll on take a sample every `factor` periods only; each of them then weighs that much."""
        self._factor = factor

    def poll(self) -> Profile:
        """What was sampled since the last poll. The cost is that of this whole process with its helpers."""
        return self._poll(packages=False)

    def _poll(self, *, packages: bool) -> Profile:
        with self._lock:
            if self._failure:
                raise RecordingError(f"reading samples failed: {self._failure}") from self._failure
            if self._running is None:
                return ProfileBuilder(self._meta).build()
            profile = self._take(self._running)
            skipped = Tally(profile.quality.skipped)
            if self._running.unwinder:
                skipped.update(self._running.unwinder.take_skipped())
            skipped.update(self._lookups.take_skipped())
            if self._running.children:
                skipped.update(self._running.children.take_skipped())
            if self._running.tasks:
                skipped.update(self._running.tasks.take_skipped())
            modules = self._running.collector.unnamed.facts(packages=packages)
            before, self._cpu_ns = self._cpu_ns, own_cost.cpu_ns()
        cost_ns, memory = self._cpu_ns - before, own_cost.rss_bytes()
        cost = replace(profile.quality, agent_cpu_ns=cost_ns, agent_rss_bytes=memory)
        return replace(profile, quality=replace(cost, skipped=skipped, modules=modules))

    def named(self, profile: Profile, wait_s: float = 0.0) -> Profile:
        """Profiles of `poll` or `stop`, also merged, still have addresses where debug information can tell more.

        This puts inlined functions and lines there. `wait_s`: how long to wait for what is looked up the first time.
        """
        return self._symbolizer.naming.named(profile, wait_s)

    def halt(self) -> None:
        """Stop sampling now, from any thread, also while another one polls. What was sampled is still to be read."""
        running = self._running
        if running is not None:
            with self._halting:
                # The profile's time ends here, however long its last samples take to be read.
                running.halted_ns = running.halted_ns or time.monotonic_ns()
                running.program.detach()

    def stop(self) -> Profile:
        """Stop sampling and return the last profile; an empty one when called again."""
        self.halt()
        self._ended.set()
        if self._drainer.ident is not None:
            self._drainer.join()
        if self._running is None:
            return ProfileBuilder(self._meta).build()
        try:
            # Who owns which file is looked up once, when nothing waits for it any more.
            return self._poll(packages=True)
        finally:
            self._running = None
            self._resources.close()

    def _open(self, group: TargetGroup | None) -> "_Running":
        spec = self._spec
        online = online_cpus()
        if spec.cpu is not None and spec.cpu not in online:
            raise RecordingError(f"CPU {spec.cpu} is not online; this host has {', '.join(map(str, online))}")
        cgroup = group.directory if group else None
        ring_size = ring_bytes(spec, 1 if spec.cpu is not None else len(online))
        program, tables = self._load(program_options(spec, cgroup, ring_size))
        self._measure_run_time()
        fill_filters(program, spec, cgroup)
        tasks = CgroupTasks(program, cgroup) if cgroup and not cgroup.unified else None
        if tasks:
            tasks.update()
        self._symbolizer.forget_kernel()
        if not spec.kernel_only:
            self._resources.enter_context(self._symbolizer.following_mappings(online))
        runtimes = self._runtimes(program, self._symbolizer) if tables else None
        collector = Collector(program, spec, self._symbolizer, ring_size, runtimes)
        self._resources.callback(collector.close)
        # From here on the program follows forks: its configuration is written.
        targets = set(self._watch.processes if self._watch else ())
        children = Children(program, spec, group) if spec.children else None
        if children:
            targets |= children.adopt(targets)
        if tables:
            tables.start(tuple(targets), new_processes=spec.children)
        if runtimes:
            self._adopt(runtimes, targets)
        started = time.monotonic_ns()
        self._meta = replace(self._meta, start_ns=time.time_ns())
        program.attach(**_rate(spec), cpu=spec.cpu)
        return _Running(program, collector, tables, runtimes, tasks, children, started)

    def _load(self, options: ProgramOptions) -> tuple[SamplingProgram, unwinder.Unwinder | None]:
        """With unwind tables, or by frame pointers on kernels that lack what the tables need; outcomes tell which."""
        if self._spec.kernel_only:
            return self._closed_at_end(SamplingProgram(options)), None
        try:
            program = self._closed_at_end(SamplingProgram(options.with_tables(unwinder.switches(), unwinder.sizes())))
        except ProgramError as error:
            logger.warning("user stacks are walked by frame pointers: %s", error)
            return self._closed_at_end(SamplingProgram(options)), None
        tables = unwinder.Unwinder(program, unwinder.default_cache_directory())
        self._resources.callback(tables.close)
        return program, tables

    def _runtimes(self, program: SamplingProgram, symbolizer: Symbolizer) -> Runtimes:
        """With unwind tables only: frames of runtimes have their place between native frames."""
        runtimes = Runtimes(Context(program, symbolizer.forget, may_ask=not self._background))
        self._resources.callback(runtimes.close)
        return runtimes

    def _adopt(self, runtimes: Runtimes, targets: set[int]) -> None:
        if targets:
            runtimes.adopt_targets(targets)
        else:
            runtimes.adopt_all()

    def _closed_at_end(self, program: SamplingProgram) -> SamplingProgram:
        self._resources.callback(program.close)
        return program

    def _measure_run_time(self) -> None:
        """The kernel's run-time statistics, for as long as we record. Without them the cost is told as 0."""
        with contextlib.suppress(OSError):
            self._resources.callback(os.close, bpf_syscall.enable_run_time_stats())

    def _take(self, running: "_Running") -> Profile:
        now = running.halted_ns or time.monotonic_ns()
        offset = running.taken_until_ns - running.started_ns
        meta = replace(self._meta, start_ns=self._meta.start_ns + offset, duration_ns=now - running.taken_until_ns)
        running.taken_until_ns = now
        factor = running.factor
        try:
            self._change_rate(running)
            to_wall_ns = self._meta.start_ns - running.started_ns
            return running.collector.take(meta, to_wall_ns).weighted(factor)
        except OSError as error:
            raise RecordingError(f"the kernel refused to hand out the samples: {error}") from error

    def _change_rate(self, running: "_Running") -> None:
        """Right before the epochs change: what is sampled in between, microseconds, weighs as at the rate before."""
        with self._halting:
            if self._factor != running.factor and not running.halted_ns:
                running.program.set_period(self._spec.period_ns * self._factor)
                running.factor = self._factor

    def _drain_until_end(self) -> None:
        running, watch = self._running, self._watch
        interval_s = BACKGROUND_DRAIN_INTERVAL_S if self._background else DRAIN_INTERVAL_S
        while running and watch and not self._ended.wait(interval_s):
            with self._lock:
                try:
                    watch.check((time.monotonic_ns() - running.started_ns) / 1e9)
                    if running.tasks:
                        running.tasks.update()
                    if running.unwinder:
                        running.unwinder.check()
                    self._symbolizer.drain_mapping_events()
                    running.collector.drain()
                    if running.runtimes:
                        running.runtimes.check()
                except Exception as error:  # told by the next poll; a thread has nobody to raise to
                    self._failure = error
                    return


@dataclass
class _Running:
    """What exists between start and stop. Times are of the monotonic clock."""

    program: SamplingProgram
    collector: Collector
    unwinder: unwinder.Unwinder | None
    runtimes: Runtimes | None
    tasks: CgroupTasks | None
    children: Children | None
    started_ns: int
    taken_until_ns: int = 0
    halted_ns: int = 0
    factor: int = 1

    def __post_init__(self) -> None:
        self.taken_until_ns = self.started_ns


def _rate(spec: RecordingSpec) -> dict[str, int]:
    if spec.count is not None:
        return {"period_ns": spec.count}
    return {"frequency": spec.frequency or DEFAULT_FREQUENCY_HZ}
