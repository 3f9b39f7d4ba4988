"""Continuous profiling: samples the whole host at a low rate, always, and sends a profile every so many seconds.

One recording goes on for days; its stream is cut into profiles (`cutter.py`). What it samples is the flight recorder's
too, which then samples nothing itself. It rests while somebody records, and that gap is counted and told: both at once
would sample the same CPU time twice, and take more memory than the agent should have.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from profiler.agent.cost.governor import Governor, OverBudgetError
from profiler.agent.cost.malloc import give_back_memory
from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.spool import Spool
from profiler.agent.flight import FlightRecorder
from profiler.agent.following import Following
from profiler.agent.host.process_labels import ALLOWED_VARIABLES, process_labels
from profiler.agent.sampling.cutter import Clock, Cutter
from profiler.agent.sampling.recording import Recording
from profiler.agent.session import encoded_profile
from profiler.core.continuous import CONTINUOUS, MAX_FREQUENCY_HZ, SOURCE, ContinuousSettings
from profiler.core.errors import WebprofError
from profiler.core.inventory import Continuous as State
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

logger = logging.getLogger(__name__)

SETTINGS_FILE = "continuous.json"
# The flight recorder's parts; without it a profile is read in one go, which is cheaper.
PART_NS = 10 * 10**9
# How often the overhead is looked at.
CHECK_S = 1.0
# After an error: long enough that a host that can't record is not kept busy with trying.
RETRY_S = 30.0
# Debug information is looked up while a profile is sampled; what is not known at its end shows plain functions.
NAMING_S = 1.0
# A recording that is ready waits this long for this one to let go of the CPUs; a poll may hold it up.
REST_TIMEOUT_S = 2.0
MAX_PROBLEM = 1000
LIMIT_SAYS = "this agent allows {} Hz at most (--continuous-limit)"


@dataclass(frozen=True)
class Policy:
    """What this agent itself allows and says. `max_frequency` 0: no continuous profiling at all. No `variables` but
    these are read of processes.
    """

    max_frequency: int = MAX_FREQUENCY_HZ
    labels: Mapping[str, str] = field(default_factory=dict)
    variables: frozenset[str] = frozenset(ALLOWED_VARIABLES)


class ContinuousProfiler(Following[ContinuousSettings]):
    """Made by the agent's main thread; `state` from any."""

    def __init__(
        self, host: str, data_dir: Path, spool: Spool, flight: FlightRecorder, governor: Governor, policy: Policy
    ) -> None:
        super().__init__("continuous", data_dir / SETTINGS_FILE, ContinuousSettings())
        self._host, self._spool, self._flight, self._governor, self._policy = host, spool, flight, governor, policy
        self._sampling = self._attached = self._read_now = False
        self._profiles = self._bpf_ns = self._last_end_ns = self._missed_ns = 0
        self._idle_since: int | None = None
        self._problem = ""

    def start(self) -> None:
        if self._settings.on:
            logger.info("continuous profiling goes on: %s", self._settings)
        super().start()

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Nothing is sampled inside. Entered once sampling has ended, or does not within REST_TIMEOUT_S: what was
        sampled before is read and sent meanwhile.
        """
        with super().resting():
            with self._turn:
                self._turn.wait_for(lambda: not self._attached, REST_TIMEOUT_S)
            yield

    def state(self) -> State:
        idle = self._idle_since
        missed_ns = self._missed_ns + (time.monotonic_ns() - idle if idle is not None else 0)
        return State(
            on=self._settings.on,
            asked=self._settings,
            frequency=self._frequency(self._settings) if self._settings.on else 0,
            sampling=self._sampling,
            profiles=self._profiles,
            last_end_ns=self._last_end_ns,
            missed_s=round(missed_ns / 1e9, 1),
            problem=(self._problem or self._limited())[:MAX_PROBLEM],
            max_frequency=self._policy.max_frequency,
            labels=dict(self._policy.labels),
            variables=tuple(sorted(self._policy.variables)),
            spooled=len(self._spool),
            spooled_bytes=self._spool.bytes,
            dropped=self._spool.dropped,
        )

    def _frequency(self, settings: ContinuousSettings) -> int:
        return min(settings.frequency, self._policy.max_frequency)

    def _limited(self) -> str:
        asked = self._settings
        if asked.on and asked.frequency > self._policy.max_frequency:
            return LIMIT_SAYS.format(self._policy.max_frequency)
        return self._governor.note if self._sampling and self._governor.overhead().factor > 1 else ""

    def _run(self) -> None:
        while not self._ended:
            settings = self._settings
            if not settings.on or not self._frequency(settings):
                self._problem, self._idle_since = "", None
                self._wait(settings, None)
                continue
            with self._flight.fed(self._hurry):
                while not self._ended and self._frequency(self._settings) and self._settings.on:
                    self._keep_recording(self._settings)

    def _keep_recording(self, settings: ContinuousSettings) -> None:
        """Until the settings change or the agent ends, whatever happens in between."""
        self._missed_ns = 0
        while not self._ended and settings == self._settings:
            self._idle_since = self._idle_since or time.monotonic_ns()
            if self._resting:
                with self._turn:
                    self._turn.wait_for(lambda: not self._resting or self._ended or settings != self._settings)
                continue
            try:
                self._record(settings)
            except Exception as error:  # a thread has nobody to raise to; the heartbeat tells
                pause_s = error.pause_s if isinstance(error, OverBudgetError) else RETRY_S
                again = f"{str(error) or repr(error)}; again in {pause_s:.0f} s"
                logger.warning("continuous profiling: %s", again, exc_info=not isinstance(error, WebprofError))
                self._problem = again
                self._wait(settings, pause_s)

    def _record(self, settings: ContinuousSettings) -> None:
        """Sample and cut. Raises what the recording raises, and OverBudgetError; what was sampled is sent before."""
        spec = RecordingSpec(frequency=self._frequency(settings))
        recording = Recording(spec, ProfileMeta(host=self._host, probe=settings.probe), background=True)
        self._sampling = self._attached = True
        try:
            recording.start()
            began = Clock.now()
            self._told_began(began)
            self._governor.begin(spec.period_ns)
            self._bpf_ns = 0
            give_back_memory()
            labels = {**self._policy.labels, **settings.labels, SOURCE: CONTINUOUS}
            cutter = Cutter(self._host, labels, settings.length_s, began)
            try:
                self._sample(recording, cutter, settings)
            finally:
                # Before the last samples are read: what they cost is not sampled any more.
                recording.halt()
                self._idle_since = time.monotonic_ns()
                self._let_go()
                self._take(recording.stop, recording, cutter)
                self._send(cutter.cut(Clock.now()))
        finally:
            recording.stop()
            self._sampling = False
            self._let_go()

    def _let_go(self) -> None:
        with self._turn:
            self._attached = False
            self._turn.notify_all()

    def _told_began(self, began: Clock) -> None:
        if self._idle_since is not None:
            self._missed_ns += began.monotonic_ns - self._idle_since
        self._idle_since, self._problem = None, ""

    def _sample(self, recording: Recording, cutter: Cutter, settings: ContinuousSettings) -> None:
        next_part = Clock.now().monotonic_ns + PART_NS
        due = cutter.due_ns(Clock.now())
        while self._goes_on(settings):
            ends = min(due, next_part) if self._flight.settings.on else due
            self._wait(settings, min(CHECK_S, max(0.0, (ends - time.monotonic_ns()) / 1e9)), reading=True)
            changes = self._governor.keep(recording, self._bpf_ns)
            now = Clock.now()
            complete = now.monotonic_ns >= due or cutter.clock_was_set(now)
            if not (complete or changes or now.monotonic_ns >= ends or self._read_now):
                continue
            self._take(recording.poll, recording, cutter)
            next_part = Clock.now().monotonic_ns + PART_NS
            if complete:
                self._send(cutter.cut(now))
                due = cutter.due_ns(Clock.now())

    def _goes_on(self, settings: ContinuousSettings) -> bool:
        return settings == self._settings and not self._ended and not self._resting

    def _take(self, read: Callable[[], Profile], recording: Recording, cutter: Cutter) -> None:
        """Into the profile that is being gathered, and to the flight recorder."""
        answers, self._read_now = self._flight.wanted, False
        part = read()
        self._bpf_ns += part.quality.bpf_ns
        named = recording.named(part, NAMING_S)
        cutter.add(named)
        self._flight.take(named, answers)

    def _send(self, profile: Profile | None) -> None:
        if profile is None or not profile.meta.duration_ns:
            return
        data, problem = encoded_profile(self._labelled(profile))
        if problem:
            self._problem = problem
            self._missed_ns += profile.meta.duration_ns
            return
        self._spool.put(Outcome(None, data))
        self._profiles += 1
        self._last_end_ns = profile.meta.start_ns + profile.meta.duration_ns

    def _labelled(self, profile: Profile) -> Profile:
        return replace(profile, processes=process_labels({thread.pid for thread in profile.threads}, self.variables))

    @property
    def variables(self) -> frozenset[str]:
        """Of processes' environments: those that are asked for and allowed."""
        return self._policy.variables & set(self._settings.variables)

    def _hurry(self) -> bool:
        """The flight recorder wants what was sampled until now; whether it will come."""
        with self._turn:
            self._read_now = self._sampling
            self._turn.notify_all()
        return self._sampling

    def _wait(self, settings: ContinuousSettings, timeout_s: float | None, *, reading: bool = False) -> None:
        with self._turn:
            self._turn.wait_for(
                lambda: (
                    self._ended or settings != self._settings or (reading and (self._read_now or bool(self._resting)))
                ),
                timeout_s,
            )
