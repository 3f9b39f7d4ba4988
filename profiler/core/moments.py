"""Samples of a profile by when they were taken, in several parts of its time and its lanes, and by a function in their
stacks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiler.core.cut import Which, only
from profiler.core.errors import ProfileError
from profiler.core.lanes import Lane, LaneBy, lanes_of
from profiler.core.profile import Int64s, Profile
from profiler.core.select import of_rows, timed

# Before and after every sample: times end in a century (core/batch.py).
EVER_NS = 2**63 - 1


class Span(NamedTuple):
    """Samples with from_ns ≤ time < to_ns, counted from the profile's start; of one lane, or of all."""

    from_ns: int = -EVER_NS
    to_ns: int = EVER_NS
    lane: Lane | None = None


def during(profile: Profile, spans: Sequence[Span], which: Which = "all") -> Profile:
    """The samples that were taken in any of the spans; where these overlap, once. What it says of itself: `select`.

    Raises ProfileError for a lane that is not in the profile.
    """
    return only(timed(profile, _places(profile, spans)), which)


def counted(profile: Profile, spans: Sequence[Span]) -> Int64s:
    """How many samples of each of the profile's rows were taken in any of the spans. Raises as `during`."""
    return np.bincount(profile.times.row[_places(profile, spans)], minlength=len(profile)).astype(np.int64)


def through(profile: Profile, name: str) -> Profile:
    """The samples whose stack has a frame of that name."""
    named = np.array([frame.name == name for frame in profile.frames], dtype=bool)
    parent = profile.stacks.parent
    above = np.where(parent < 0, np.arange(len(parent)), parent)
    hit = named[profile.stacks.frame] if len(parent) else np.zeros(0, dtype=bool)
    # Each round looks twice as far up.
    while True:
        hit = hit | hit[above]
        further = above[above]
        if np.array_equal(further, above):
            break
        above = further
    return of_rows(profile, hit[profile.node])


def _places(profile: Profile, spans: Sequence[Span]) -> Int64s:
    """Entries of the profile's times within the spans, in the order of time, each once."""
    at_ns = profile.times.at_ns
    inside = np.zeros(len(at_ns), dtype=bool)
    # One pass over a stretch of time, however many of its lanes are wanted.
    wanted: dict[tuple[LaneBy | None, int, int], list[str]] = {}
    for from_ns, to_ns, lane in spans:
        names = wanted.setdefault((lane.by if lane else None, from_ns, max(from_ns, to_ns)), [])
        names += [lane.name] if lane else []
    tables = {by: lanes_of(profile, by) for by, _, _ in wanted if by}
    for (by, *ends), names in wanted.items():
        first, end = np.searchsorted(at_ns, ends)
        inside[first:end] |= _in_lanes(by, names, *tables[by])[first:end] if by else True
    return np.flatnonzero(inside)


def _in_lanes(by: LaneBy, wanted: Sequence[str], names: Sequence[str], lane: Int64s) -> npt.NDArray[np.bool_]:
    """Which entries are in one of the lanes that are `wanted`; `lane` says which of `names` each is in."""
    number = {name: i for i, name in enumerate(names)}
    missing = next((name for name in wanted if name not in number), None)
    if missing is not None:
        raise ProfileError(f"no {by} {missing[:100]!r} in this recording")
    table = np.zeros(len(names), dtype=bool)
    table[[number[name] for name in wanted]] = True
    inside: npt.NDArray[np.bool_] = table[lane]
    return inside
