"""Cuts a stream of samples into profiles that touch: each begins at the nanosecond the one before ended."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from profiler.core.ids import RANDOM_BYTES, uuid7
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.times import RESOLUTION_NS

SECOND_NS = 1_000_000_000
# Less is slewing, which the monotonic clock follows too; more was set by somebody.
MAX_CLOCK_ERROR_NS = SECOND_NS


@dataclass(frozen=True)
class Clock:
    """Both clocks at one moment, in ns."""

    unix_ns: int
    monotonic_ns: int

    @classmethod
    def now(cls) -> "Clock":
        return cls(time.time_ns(), time.monotonic_ns())

    @property
    def ahead_ns(self) -> int:
        """What Unix time is ahead of the monotonic clock: it changes when somebody sets the clock."""
        return self.unix_ns - self.monotonic_ns


class Cutter:
    """Gathers the parts of one recording. Profiles end at multiples of their length in Unix time, on every host alike:
    what is compared over hosts, and summed by time, then lies in the same bucket.
    """

    def __init__(self, host: str, labels: Mapping[str, str], length_s: int, began: Clock) -> None:
        self._host = host
        self._labels = dict(labels)
        self._length_ns = length_s * SECOND_NS
        self._began = began
        self._step_ns = 0
        self._parts: list[Profile] = []

    def due_ns(self, now: Clock) -> int:
        """The monotonic time at which the profile that is being gathered should end."""
        whole = now.unix_ns // self._length_ns * self._length_ns
        return now.monotonic_ns + whole + self._length_ns - now.unix_ns

    def clock_was_set(self, now: Clock) -> bool:
        """Whether the host's clock has been set since the last profile began: then it ends now, and the next one
        begins where the clock now is.
        """
        return abs(self._error_ns(now)) > MAX_CLOCK_ERROR_NS

    def add(self, part: Profile) -> None:
        """The next part, as `Recording.poll` gave it."""
        meta = replace(part.meta, start_ns=part.meta.start_ns + self._step_ns)
        self._parts.append(replace(part, meta=meta))

    def cut(self, now: Clock) -> Profile | None:
        """What was gathered, as one profile; None when there is no part."""
        parts, self._parts = self._parts, []
        if self.clock_was_set(now):
            # Whole ticks, so that times of samples stay on the grid they are counted in.
            self._step_ns += self._error_ns(now) // RESOLUTION_NS * RESOLUTION_NS
        if not parts:
            return None
        first, last = parts[0].meta, parts[-1].meta
        meta = ProfileMeta(
            id=str(uuid7(first.start_ns // 1_000_000, os.urandom(RANDOM_BYTES))),
            host=self._host,
            probe=first.probe,
            start_ns=first.start_ns,
            duration_ns=last.start_ns + last.duration_ns - first.start_ns,
            period_ns=first.period_ns,
            labels=self._labels,
        )
        return replace(parts[0], meta=meta) if len(parts) == 1 else merge(parts, meta)

    def _error_ns(self, now: Clock) -> int:
        return now.ahead_ns - self._began.ahead_ns - self._step_ns
