"""A profile's builder that keeps an import's limits: what every importer that is not text by lines builds with."""

from collections.abc import Mapping, Sequence
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


class CheckedBuilder:
    """Mutable until `profile`. Too long names are cut and too deep stacks left out, both counted in `skips`; what is
    over a limit of the whole file raises FormatError with the file's `name`.
    """

    def __init__(self, name: str, limits: Limits, skips: Skips) -> None:
        self._name, self._limits, self._skips = name, limits, skips
        self._builder = ProfileBuilder(ProfileMeta())
        self._total, self._samples = 0, 0

    @property
    def samples(self) -> int:
        return self._samples

    def frame(self, frame: Frame) -> int:
        """The number of a frame; without a name it is unknown."""
        longest = self._limits.name_chars
        if max(len(frame.name), len(frame.module), len(frame.file)) > longest:
            self._skips.counts[f"end of a name longer than {longest:,} characters"] += 1
            frame = frame._replace(name=frame.name[:longest], module=frame.module[:longest], file=frame.file[:longest])
        if not frame.name or frame.name in PLACEHOLDERS:
            frame = frame._replace(name=frame.name or UNKNOWN, kind=FrameKind.PLACEHOLDER)
        number = self._builder.frame(frame)
        self._check(number + 1, self._limits.frames, "functions")
        return number

    def stack(self, root_first: Sequence[int], place: str = "") -> int | None:
        """The node of a stack of frame numbers; an empty one is `[no stack]`. None when it is too deep: counted."""
        if len(root_first) > self._limits.depth:
            self.skip(f"stack deeper than {self._limits.depth:,} frames", place)
            return None
        node = self._builder.stack(root_first or [self.frame(NO_STACK)])
        self._check(self._builder.stack_count, self._limits.nodes, "stacks")
        return node

    def child(self, parent: int, frame: int) -> int:
        """The node of `frame` below another node (ROOT for none). How deep that is, the caller counts."""
        node = self._builder.child(parent, frame)
        self._check(self._builder.stack_count, self._limits.nodes, "stacks")
        return node

    def thread(self, thread: Thread) -> int:
        number = self._builder.thread(thread)
        self._check(number + 1, self._limits.threads, "threads")
        return number

    def add(self, node: int, value: int, thread: int | None = None, samples: int = 1) -> None:
        """Add a value over zero to a stack; of zero nothing is kept, what is below is refused by its reader."""
        if value > 0:
            self._builder.add(node, value, thread)
            self._total += value
        self._samples += samples

    def skip(self, reason: str, place: str) -> None:
        """Count something that was not read; the first one's place is kept for errors."""
        self._skips.counts[reason] += 1
        self._skips.first = self._skips.first or f"{place}: {reason}"

    def profile(self, meta: ProfileMeta, measured: Measured) -> Profile | None:
        """What was read; None when that is nothing. Raises FormatError when it adds up to more than can be kept."""
        if not self._total:
            return None
        if self._total > MAX_TOTAL:
            raise refuse(self._name, f"the values add up to more than {MAX_TOTAL:,} {measured.unit}: use a larger unit")
        meta = replace(meta, kind=measured.kind, unit=measured.unit, period_ns=measured.period_ns)
        profile = self._builder.build(Quality(), meta)
        return replace(profile, quality=self._quality(profile))

    def _quality(self, profile: Profile) -> Quality:
        placeholders = [number for number, frame in enumerate(profile.frames) if frame.name == UNKNOWN]
        ends = np.isin(profile.stacks.frame[profile.node], placeholders)
        unknown = int(profile.value[ends].sum()) * self._samples // self._total
        return Quality(
            samples=self._samples, unknown={UNKNOWN: unknown} if unknown else {}, skipped=dict(self._skips.counts)
        )

    def _check(self, count: int, limit: int, what: str) -> None:
        if count > limit:
            raise refuse(self._name, f"more than {limit:,} different {what}: filter it before")


def labelled(meta: ProfileMeta, labels: Mapping[str, str]) -> ProfileMeta:
    """`meta` with labels that say something."""
    return replace(meta, labels={**meta.labels, **{key: value for key, value in labels.items() if value}})
