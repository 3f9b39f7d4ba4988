"""Samples of a profile by when they were taken, in several parts of its time, and by a function in their stacks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from profiler.core.cut import Which, only
from profiler.core.profile import Int64s, Profile
from profiler.core.select import of_rows, timed


class Span(NamedTuple):
    """Samples with from_ns ≤ time < to_ns, counted from the profile's start."""

    from_ns: int
    to_ns: int


def during(profile: Profile, spans: Sequence[Span], which: Which = "all") -> Profile:
    """The samples that were taken in any of the spans; where these overlap, once. What it says of itself: `select`."""
    return only(timed(profile, _places(profile, spans)), which)


def counted(profile: Profile, spans: Sequence[Span]) -> Int64s:
    """How many samples of each of the profile's rows were taken in any of the spans."""
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
    inside = np.zeros(len(at_ns) + 1, dtype=np.int64)
    for span in spans:
        first, end = np.searchsorted(at_ns, [span.from_ns, max(span.from_ns, span.to_ns)])
        inside[first] += 1
        inside[end] -= 1
    return np.flatnonzero(np.cumsum(inside[:-1]) > 0)
