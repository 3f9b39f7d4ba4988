"""One recording on this host: start it, read what came, stop it."""

import contextlib
import functools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from profiler.agent.checks.capabilities import recording_blocker
from profiler.agent.cost import own_cost
from profiler.agent.sampling.recording_setup import RecordingError, Running, Setup
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.agent.targets.target_groups import target_group
from profiler.agent.targets.target_watch import TargetWatch
from profiler.core.builder import ProfileBuilder
from profiler.core.errors import WebprofError
from profiler.core.probe import ProbeError
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from profiler.probes.stacks import measured, parameters_of

__all__ = ["MAX_NAMING_S", "Recording", "RecordingError", "shared_symbolizer"]

# The rings are looked at this often: processes of a runtime that begin are met then, so that they are read soon.
LOOK_INTERVAL_S = 0.2
# Without such and with room in the rings, stacks are named this often. Each time finds the processor's caches cold:
# reading ten times as often took nearly twice as much CPU.
DRAIN_INTERVAL_S = 1.0
# Of one that never ends: the rarer, the cheaper.
BACKGROUND_LOOK_INTERVAL_S, BACKGROUND_DRAIN_INTERVAL_S = 0.5, 2.0
# Debug information that is read for the first time takes seconds; what is not known by then shows plain functions.
MAX_NAMING_S = 5.0


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
        try:
            self._meta = measured(spec, meta)
        except ProbeError as error:
            raise RecordingError(str(error)) from error
        self._symbolizer = symbolizer or shared_symbolizer()
        self._background = background
        self._lock = threading.Lock()
        self._halting = threading.Lock()
        self._ended = threading.Event()
        self._resources = contextlib.ExitStack()
        self._running: Running | None = None
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

    @property
    def is_filling(self) -> bool:
        """Whether it should be polled soon, lest samples are lost."""
        return self._running is not None and self._running.collector.is_filling

    def targets_alive(self) -> bool:
        """False once all that was asked for is gone, and the children that are followed."""
        running = self._running
        if self._watch is None or self._watch.alive:
            return True
        return bool(running and running.children and running.children.any_alive())

    def prepare(self) -> None:
        """Compile and load, which can take seconds: `start` then has only to attach."""
        self._running = self._loaded()

    def _loaded(self) -> Running:
        self._cpu_ns = own_cost.cpu_ns()
        with self._refusals_told():
            if blocker := recording_blocker():
                raise RecordingError(blocker)
            parameters_of(self._spec)
            group = target_group(self._spec)
            self._watch = TargetWatch(self._spec, group)
            setup = Setup(self._spec, self._symbolizer, self._resources, background=self._background)
            return setup.open(group, self._watch)

    def start(self) -> None:
        """Attach what `prepare` has loaded, or is now; sampling runs when this returns."""
        running = self._running = self._running or self._loaded()
        with self._refusals_told():
            running.collector.get_ready()
            running.begin()
            self._meta = replace(self._meta, start_ns=time.time_ns())
            running.collector.begin(running.started_ns)
        self._drainer.start()

    @contextlib.contextmanager
    def _refusals_told(self) -> Iterator[None]:
        try:
            yield
        except (WebprofError, OSError) as error:
            self._resources.close()
            raise RecordingError(f"can't start recording: {error}") from error

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
            skipped = self._running.take_skipped()
            for reason, count in profile.quality.skipped.items():
                skipped[reason] = skipped.get(reason, 0) + count
            modules = self._running.collector.unnamed.facts(packages=packages)
            before, self._cpu_ns = self._cpu_ns, own_cost.cpu_ns()
        cost_ns, memory = self._cpu_ns - before, own_cost.memory_bytes()
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
                running.halted_ns = running.halted_ns or running.collector.halt()

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

    def _take(self, running: Running) -> Profile:
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

    def _change_rate(self, running: Running) -> None:
        """Right before the epochs change: what is sampled in between, microseconds, weighs as at the rate before."""
        with self._halting:
            if self._factor != running.factor and not running.halted_ns:
                running.collector.thin(self._factor)
                running.factor = self._factor

    def _drain_until_end(self) -> None:
        running = self._running
        look_s, interval_s = LOOK_INTERVAL_S, DRAIN_INTERVAL_S
        if self._background:
            look_s, interval_s = BACKGROUND_LOOK_INTERVAL_S, BACKGROUND_DRAIN_INTERVAL_S
        next_drain = time.monotonic() + interval_s
        while running and not self._ended.wait(look_s):
            is_due = time.monotonic() >= next_drain or running.collector.is_urgent
            if not is_due and not running.has_newcomers:
                continue
            with self._lock:
                try:
                    if is_due:
                        next_drain = time.monotonic() + interval_s
                        self._drain(running)
                    else:
                        running.meet()
                except Exception as error:  # told by the next poll; a thread has nobody to raise to
                    self._failure = error
                    return

    def _drain(self, running: Running) -> None:
        if self._watch:
            self._watch.check((time.monotonic_ns() - running.started_ns) / 1e9)
        running.drain()
