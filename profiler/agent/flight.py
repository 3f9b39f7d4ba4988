"""The flight recorder: samples the whole host at a low rate, always, and keeps the last minutes.

It rests while somebody records: both at once were measured at twice the CPU time, and over the agent's memory.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from profiler.agent.cost.budget import Budget
from profiler.agent.cost.governor import Governor, OverBudgetError
from profiler.agent.cost.malloc import give_back_memory
from profiler.agent.flight_buffer import FlightBuffer, Part
from profiler.agent.following import Following
from profiler.agent.frozen import Frozen, put_together
from profiler.agent.sampling.recording import Recording
from profiler.core import batch
from profiler.core.errors import WebprofError
from profiler.core.flight import FlightSettings
from profiler.core.inventory import Flight
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

logger = logging.getLogger(__name__)

# The shorter, the more often stacks are stored again; the longer, the more is lost with an agent that is killed.
PART_S = 10.0
# How often the overhead budget is looked at.
CHECK_S = 2.0
# After an error: long enough that a host that can't record is not kept busy with trying.
RETRY_S = 30.0
SETTINGS_FILE = "flight.json"
# What debug information tells is looked up while a part is sampled; who freezes does not wait long for the rest.
NAMING_S = 1.0
# A whole host is asked for; a freeze waits this long at most for the part that is being read.
FREEZE_TIMEOUT_S = 10.0
SECOND_NS = 1_000_000_000
MAX_PROBLEM = 1000


class FlightError(WebprofError):
    """Nothing can be frozen. The text says why and what to do."""


class FlightRecorder(Following[FlightSettings]):
    """`freeze` from any thread. What it holds ends with the agent."""

    def __init__(
        self, host: str, data_dir: Path, buffer: FlightBuffer | None = None, governor: Governor | None = None
    ) -> None:
        super().__init__("flight", data_dir / SETTINGS_FILE, FlightSettings())
        self._host = host
        self._governor = governor or Governor(Budget(cpu_share=None, memory_bytes=None))
        self._buffer = buffer or FlightBuffer()
        # Readings that were asked for; up to which the one that goes on answers; up to which there are.
        self._wanted, self._answering, self._done = 0, 0, 0
        self._hurry: Callable[[], bool] | None = None
        self._period_ns = 0
        self._sampling = False
        self._problem = ""

    @contextlib.contextmanager
    def fed(self, hurry: Callable[[], bool]) -> Iterator[None]:
        """Somebody else samples inside, and hands it over (`take`). `hurry` asks for what was sampled until now, and
        says whether it will come.
        """
        with self.resting():
            self._hurry = hurry
            try:
                yield
            finally:
                self._hurry = None

    @property
    def wanted(self) -> int:
        """The number of the last reading that was asked for."""
        return self._wanted

    def take(self, profile: Profile, answers: int) -> None:
        """A part that somebody else has sampled, up to a moment when reading `answers` was wanted."""
        if self._settings.on:
            self._answering = answers
            self._keep(profile, self._settings)

    def state(self) -> Flight:
        return Flight(
            on=self._settings.on,
            minutes=self._settings.minutes,
            frequency=self._settings.frequency,
            held_s=round(self._buffer.held_ns() / SECOND_NS, 1),
            bytes=self._buffer.bytes,
            dropped=self._buffer.dropped,
            problem=self._problem[:MAX_PROBLEM],
        )

    def freeze(self, seconds: float, meta: ProfileMeta) -> Frozen:
        """What was sampled in the last `seconds`, up to now, or as much of it as is held. While it pauses: in the last
        `seconds` before. Raises FlightError.
        """
        if not self._settings.on:
            raise FlightError(f"the flight recorder of host {self._host} is off: switch it on, and freeze later")
        is_fresh = self._read_up_to_now()
        now_ns = time.time_ns()
        # Also when it is fresh: naming what was read may have taken longer than what is asked for.
        held_until_ns = min(now_ns, self._buffer.end_ns())
        asked_ns = held_until_ns - round(seconds * SECOND_NS)
        parts = self._buffer.since(asked_ns)
        if not parts:
            why = f": {self._problem}" if self._problem else "; it has just been switched on, or nothing was sampled"
            raise FlightError(f"the flight recorder of host {self._host} holds nothing of the last {seconds:g} s{why}")
        return put_together(parts, asked_ns, meta, "" if is_fresh else self._why_silent(now_ns - held_until_ns))

    def _why_silent(self, silent_ns: int) -> str:
        why = self._problem or "it is starting, or resting"
        return f"nothing was sampled in the {silent_ns / SECOND_NS:.0f} s before the freeze: {why}"

    def _read_up_to_now(self) -> bool:
        """Whether there is somebody who samples."""
        with self._turn:
            self._wanted += 1
            wanted = self._wanted
            self._turn.notify_all()
        # Not under the lock: who feeds takes its own, and ours when it hands over.
        coming = self._hurry is not None and self._hurry()
        with self._turn:
            self._turn.wait_for(
                lambda: self._done >= wanted or self._problem or self._ended or bool(self._resting and not coming),
                FREEZE_TIMEOUT_S,
            )
            return not self._problem and (coming or not self._resting)

    def _run(self) -> None:
        while not self._ended:
            settings = self._settings
            if not settings.on:
                self._problem = ""
                self._buffer.clear()
                self._wait(settings, None, for_turn=False)
                continue
            if self._resting:
                self._wait_for_work(settings)
                continue
            try:
                self._record(settings)
            except OverBudgetError as error:
                self._pause(settings, str(error), error.pause_s)
            except Exception as error:  # a thread has nobody to raise to; the heartbeat tells
                logger.warning("flight recorder", exc_info=True)
                self._pause(settings, str(error) or repr(error), RETRY_S)

    def _pause(self, settings: FlightSettings, problem: str, seconds: float) -> None:
        logger.warning("flight recorder: %s; again in %.0f s", problem, seconds)
        self._problem = problem
        with self._turn:
            self._turn.notify_all()
        self._wait(settings, seconds, for_turn=False)

    def _record(self, settings: FlightSettings) -> None:
        """Sample until the settings change or the agent ends. Raises OverBudgetError and what the recording raises."""
        meta = ProfileMeta(host=self._host, probe="cpu")
        spec = RecordingSpec(frequency=settings.frequency)
        recording = Recording(spec, meta, background=True)
        self._sampling = True
        try:
            recording.start()
            self._governor.begin(spec.period_ns)
            try:
                self._keep_reading(recording, settings)
            finally:
                rest = recording.stop()
                if not self._ended and rest.meta.duration_ns:
                    self._keep(recording.named(rest, NAMING_S), settings)
        finally:
            self._sampling = False

    def _keep_reading(self, recording: Recording, settings: FlightSettings) -> None:
        bpf_ns, part_ends = 0, time.monotonic() + PART_S
        self._problem = ""
        # Loading the program and the first symbols leave much that is not needed again.
        give_back_memory()
        while settings == self._settings and not self._ended and not self._resting:
            self._wait(settings, min(CHECK_S, PART_S))
            changes = self._governor.keep(recording, bpf_ns)
            if changes or time.monotonic() >= part_ends or self._must_read(settings):
                profile = recording.poll()
                bpf_ns, part_ends = bpf_ns + profile.quality.bpf_ns, time.monotonic() + PART_S
                self._keep(recording.named(profile, NAMING_S), settings)

    def _must_read(self, settings: FlightSettings) -> bool:
        """Whether somebody waits for what was sampled so far, or it is the end."""
        with self._turn:
            return self._wanted > self._done or self._resting > 0 or self._ended or settings != self._settings

    def _keep(self, profile: Profile, settings: FlightSettings) -> None:
        meta = profile.meta
        if meta.period_ns != self._period_ns:
            # Samples of two rates can't be added.
            self._buffer.clear()
            self._period_ns = meta.period_ns
        part = Part(meta.start_ns, meta.start_ns + meta.duration_ns, batch.encode(profile))
        self._buffer.add(part, settings.minutes * 60 * SECOND_NS)
        with self._turn:
            self._done = self._answering
            self._turn.notify_all()

    def _wait_for_work(self, settings: FlightSettings) -> None:
        with self._turn:
            self._turn.wait_for(lambda: not self._resting or self._ended or settings != self._settings)

    def _wait(self, settings: FlightSettings, timeout_s: float | None, *, for_turn: bool = True) -> None:
        """Until somebody wants to freeze, the settings change, the agent ends, or the time is over."""
        with self._turn:
            self._turn.wait_for(
                lambda: (
                    self._ended
                    or settings != self._settings
                    or (for_turn and (self._wanted > self._done or bool(self._resting)))
                ),
                timeout_s,
            )
            # Who asks from now on wants a later reading than the one that follows.
            self._answering = self._wanted
