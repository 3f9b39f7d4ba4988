"""From folded lines to a profile."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

import numpy as np

from profiler.core.builder import ProfileBuilder
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.formats.base import Limits, Skips, refuse
from profiler.formats.folded_differential import FIRST_VALUE, ends_in_value, without_first_values
from profiler.formats.folded_line import (
    EXPECTED,
    MAX_TOTAL,
    MICRO,
    MICROSAMPLES,
    Values,
    split_line,
)
from profiler.formats.names import UNKNOWN, frame_of

ROUNDED: Final = "value rounded to six decimals"


class _Numbers(dict[str, int]):
    """Numbers of names, asked for once each: `map` over its `__getitem__` stays in C for names seen before."""

    def __init__(self, new: Callable[[str], int]) -> None:
        super().__init__()
        self._new = new

    def __missing__(self, name: str) -> int:
        number = self[name] = self._new(name)
        return number


class FoldedLoader:
    """State of one load.

    Each line walks its whole stack. Starting from what it shares with the line before was measured on 20,000 stacks of
    depth 35: nothing gained in random order, a fifth in sorted order.
    """

    def __init__(self, name: str, limits: Limits, skips: Skips) -> None:
        self._name, self._limits, self._skips = name, limits, skips
        self._builder = ProfileBuilder(ProfileMeta())
        self._values = Values()
        self._frames = _Numbers(self._frame)
        self._last_line = 0
        self._stacks = 0
        self._differential = True  # until a line says otherwise

    def line(self, number: int, line: str) -> None:
        """Read one line. Raises FormatError when the file goes over a limit."""
        self._last_line = number
        parsed = split_line(line)
        if isinstance(parsed, str):
            if parsed:
                self._skips.add(parsed, number, line)
            return
        stack, value = parsed
        names = stack.split(";")
        if len(names) > self._limits.depth:
            self._skips.add(f"stack deeper than {self._limits.depth:,} frames", number, line)
            return
        self._differential = self._differential and ends_in_value(names[-1])
        self._stacks += 1
        self._add(self._node(names), value)

    def profile(self) -> Profile:
        """What was read. Raises FormatError when nothing was."""
        sums, unit = self._values.sums()
        if not sums:
            why = self._skips.first or f"{self._last_line} lines, none but comments and empty ones; {EXPECTED}"
            raise refuse(self._name, f"no stack in it: {why}" if self._last_line else "the file is empty")
        if sum(sums.values()) > MAX_TOTAL:
            raise refuse(self._name, f"the values add up to more than {MAX_TOTAL:,} {unit}: use a larger unit")
        for node, value in sums.items():
            self._builder.add(node, value)
        profile = self._builder.build(meta=ProfileMeta(unit=unit))
        if self._differential:
            profile = without_first_values(profile)
            self._skips.counts[FIRST_VALUE] = self._stacks
        samples = profile.total // MICRO if unit == MICROSAMPLES else profile.total
        quality = Quality(samples=samples, unknown=_unknown(profile), skipped=dict(self._skips.counts))
        return replace(profile, quality=quality)

    def _add(self, node: int, value: int | Decimal) -> None:
        if self._values.add(node, value):
            self._skips.counts[ROUNDED] += 1

    def _node(self, names: list[str]) -> int:
        node = self._builder.stack(map(self._frames.__getitem__, names))
        if self._builder.stack_count > self._limits.nodes:
            raise refuse(self._name, f"more than {self._limits.nodes:,} different stacks: filter or shorten them")
        return node

    def _frame(self, name: str) -> int:
        frame, longest = frame_of(name), self._limits.name_chars
        if len(frame.name) > longest:
            self._skips.counts[f"end of a name longer than {longest:,} characters"] += 1
            frame = frame._replace(name=frame.name[: longest - 1] + "…")
        number = self._builder.frame(frame)
        if number >= self._limits.frames:
            raise refuse(self._name, f"more than {self._limits.frames:,} different functions: filter the stacks")
        return number


def _unknown(profile: Profile) -> dict[str, int]:
    """Samples that end in an unknown frame. A folded file names no modules."""
    unknown = [number for number, frame in enumerate(profile.frames) if frame.name == UNKNOWN]
    ends = np.isin(profile.stacks.frame[profile.node], unknown)
    count = int(profile.value[ends].sum()) // (MICRO if profile.meta.unit == MICROSAMPLES else 1)
    return {UNKNOWN: count} if count else {}
