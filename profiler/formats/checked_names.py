"""Frames and threads of an import by number, under its limits, and what the values measure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.formats.base import Limits, Skips, refuse
from profiler.formats.folded_line import MAX_TOTAL
from profiler.formats.names import PLACEHOLDERS, UNKNOWN

NO_STACK: Final = Frame("[no stack]", FrameKind.PLACEHOLDER)


@dataclass(frozen=True)
class Measured:
    """What the values of a profile are: `ProfileMeta.kind` and `unit`, and the CPU time of one sample if it has one."""

    kind: str
    unit: str
    period_ns: int = 0


class CheckedNames:
    """Numbers of frames and threads, and counts of what was not read. Too long names are cut and counted in `skips`;
    what is over a limit of the whole file raises FormatError with the file's `name`.
    """

    def __init__(self, name: str, limits: Limits, skips: Skips) -> None:
        self.name, self.limits, self.skips = name, limits, skips
        self.samples = 0
        self.total = 0
        self.builder = ProfileBuilder(ProfileMeta())

    def frame(self, frame: Frame) -> int:
        """The number of a frame; without a name it is unknown."""
        longest = self.limits.name_chars
        if max(len(frame.name), len(frame.module), len(frame.file)) > longest:
            self.skips.counts[f"end of a name longer than {longest:,} characters"] += 1
            name, module, file = (text[:longest] for text in (frame.name, frame.module, frame.file))
            frame = frame._replace(name=name, module=module, file=file)
        if not frame.name or frame.name in PLACEHOLDERS:
            frame = frame._replace(name=frame.name or UNKNOWN, kind=FrameKind.PLACEHOLDER)
        number = self.builder.frame(frame)
        self.check(number + 1, self.limits.frames, "functions")
        return number

    def thread(self, thread: Thread = Thread()) -> int:  # noqa: B008 - immutable
        """The number of a thread; the one nobody knows anything of when none is given."""
        if len(thread.comm) > self.limits.name_chars:
            thread = thread._replace(comm=thread.comm[: self.limits.name_chars])
        number = self.builder.thread(thread)
        self.check(number + 1, self.limits.threads, "threads")
        return number

    def skip(self, reason: str, place: str) -> None:
        """Count something that was not read; the first one's place is kept for errors."""
        self.skips.counts[reason] += 1
        self.skips.first = self.skips.first or f"{place}: {reason}"

    def check(self, count: int, limit: int, what: str) -> None:
        if count > limit:
            raise refuse(self.name, f"more than {limit:,} different {what}: filter it before")

    def meta(self, meta: ProfileMeta, measured: Measured) -> ProfileMeta:
        """`meta` of what was measured. Raises FormatError when it adds up to more than can be kept."""
        if self.total > MAX_TOTAL:
            raise refuse(self.name, f"the values add up to more than {MAX_TOTAL:,} {measured.unit}: use a larger unit")
        return replace(meta, kind=measured.kind, unit=measured.unit, period_ns=measured.period_ns)

    def with_quality(self, profile: Profile) -> Profile:
        """`profile` with how many samples it is of, and which share of them ends in a frame nobody could name."""
        placeholders = [number for number, frame in enumerate(profile.frames) if frame.name == UNKNOWN]
        ends = np.isin(profile.stacks.frame[profile.node], placeholders)
        unknown = int(profile.value[ends].sum()) * self.samples // self.total
        unknown_by_module = {UNKNOWN: unknown} if unknown else {}
        quality = Quality(samples=self.samples, unknown=unknown_by_module, skipped=dict(self.skips.counts))
        return replace(profile, quality=quality)


def labelled(meta: ProfileMeta, labels: Mapping[str, str]) -> ProfileMeta:
    """`meta` with labels that say something."""
    return replace(meta, labels={**meta.labels, **{key: value for key, value in labels.items() if value}})
