"""What one event of a `perf script` text adds up to."""

import re
from collections import Counter
from typing import Final

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.formats.base import Limits, Skips, refuse
from profiler.formats.folded_line import MAX_TOTAL
from profiler.formats.names import UNKNOWN
from profiler.formats.perf_lines import Head

CLOCKS: Final = frozenset({"cpu-clock", "task-clock"})  # their periods are nanoseconds of CPU time
CPU_EVENTS: Final = CLOCKS | {"cycles", "cpu-cycles", "ref-cycles"}
# Modifiers after an event's name, as `perf list` explains them. What else follows a colon is a tracepoint's name.
_MODIFIERS: Final = re.compile(r":[ukhHGIpPSDWebR]+$")
NO_STACK: Final = Frame("[no stack]", FrameKind.PLACEHOLDER)
# Bounds of `quality.unknown` in a batch.
MAX_MODULES: Final = 1000
MODULE_CHARS: Final = 256
# Distinct lines remembered; a file with more has few that repeat.
MAX_REMEMBERED: Final = 1_000_000


class PerfEvent:
    """Builder of one event's profile, with the frames of lines seen before: call chains repeat most of theirs."""

    def __init__(self, event: str, name: str, limits: Limits, skips: Skips) -> None:
        self._event, self._name, self._limits, self._skips = event, name, limits, skips
        self._builder = ProfileBuilder(ProfileMeta())
        self._unknown_frames: dict[int, str] = {}
        self._unknown: Counter[str] = Counter()
        self.samples = 0
        self._total = 0
        self._has_periods = False
        self.remembered: dict[str, tuple[int, ...]] = {}

    def remember(self, line: str, frames: list[Frame]) -> tuple[int, ...]:
        """Numbers of a line's frames, for `add`."""
        if len(self.remembered) >= MAX_REMEMBERED:
            self.remembered.clear()
        numbers = self.remembered[line] = tuple(self._number(frame) for frame in frames)
        return numbers

    def add(self, head: Head, innermost_first: list[int]) -> None:
        """Add a sample. Raises FormatError when the event has too many stacks or threads."""
        frames = innermost_first or [self._number(NO_STACK)]
        value = head.period or 1
        thread = self._builder.thread(Thread(head.pid, head.tid, head.comm))
        self._builder.add(self._builder.stack(reversed(frames)), value, thread)
        self.samples += 1
        self._total += value
        self._has_periods = self._has_periods or head.period > 0
        module = self._unknown_frames.get(frames[0])
        if module is not None:
            self._unknown[module if len(self._unknown) < MAX_MODULES else "(other modules)"] += 1
        self._check(self._builder.stack_count, self._limits.nodes, "stacks")
        self._check(thread + 1, self._limits.threads, "threads")

    def profile(self, duration_ns: int, host: str, labels: dict[str, str], skipped: dict[str, int]) -> Profile:
        if self._total > MAX_TOTAL:
            raise refuse(self._name, f"the periods of {self._event} add up to more than {MAX_TOTAL:,}: filter by time")
        base = _MODIFIERS.sub("", self._event)
        measured = "nanoseconds" if base in CLOCKS else "count"
        meta = ProfileMeta(
            kind="cpu" if base in CPU_EVENTS else base,
            unit=measured if self._has_periods else "samples",
            host=host,
            probe="perf",
            duration_ns=duration_ns,
            period_ns=self._total // self.samples if base in CLOCKS and self._has_periods else 0,
            labels={**labels, "event": self._event},
        )
        quality = Quality(samples=self.samples, unknown=dict(self._unknown), skipped=skipped)
        return self._builder.build(quality, meta)

    def _number(self, frame: Frame) -> int:
        longest = self._limits.name_chars
        if max(len(frame.name), len(frame.module), len(frame.file)) > longest:
            self._skips.counts[f"end of a name longer than {longest:,} characters"] += 1
            name, module, file = (text[:longest] for text in (frame.name, frame.module, frame.file))
            frame = frame._replace(name=name, module=module, file=file)
        number = self._builder.frame(frame)
        self._check(number + 1, self._limits.frames, "functions")
        if frame.name.startswith("[") and frame.name.endswith("]"):
            self._unknown_frames[number] = (frame.module or UNKNOWN)[:MODULE_CHARS]
        return number

    def _check(self, count: int, limit: int, what: str) -> None:
        if count > limit:
            raise refuse(self._name, f"event {self._event} has more than {limit:,} different {what}: filter it")
