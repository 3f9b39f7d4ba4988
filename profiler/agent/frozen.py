"""What a freeze gives: the parts that are held as one profile, and in words what is missing of it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from profiler.agent.flight_buffer import Part
from profiler.core import batch
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.select import select

SECOND_NS = 1_000_000_000
# Between two recordings there is always a moment without samples.
NOTICED_NS = 2 * SECOND_NS
NOT_SAMPLED = "seconds of this time without samples"


class Frozen(NamedTuple):
    """`missing` says what the profile lacks; empty when nothing."""

    profile: Profile
    missing: str


def put_together(parts: Sequence[Part], from_ns: int, meta: ProfileMeta, missing: str) -> Frozen:
    """The samples from a time on (Unix ns). `parts` end after it, at least one; `missing`: of the time after them."""
    from_ns = max(from_ns, parts[0].start_ns)
    profiles = [_cut(batch.decode(part.data), from_ns) for part in parts]
    period_ns = profiles[-1].meta.period_ns
    meta = replace(meta, start_ns=from_ns, duration_ns=parts[-1].end_ns - from_ns, period_ns=period_ns)
    between_s = round(without_samples(parts) / SECOND_NS)
    told = [missing] if missing else []
    if between_s:
        told.append(f"{between_s} s in between have no samples: it rested while somebody recorded, or kept its limit")
    return Frozen(_counted(merge(profiles, meta), between_s), "; ".join(told))


def without_samples(parts: Sequence[Part]) -> int:
    """Nanoseconds between parts, where they are to be noticed."""
    gaps = [after.start_ns - before.end_ns for before, after in pairwise(parts)]
    return sum(gap for gap in gaps if gap > NOTICED_NS)


def _counted(profile: Profile, missing_s: int) -> Profile:
    """Whoever opens the profile later has not read what the agent said."""
    if not missing_s:
        return profile
    skipped = {**profile.quality.skipped, NOT_SAMPLED: missing_s}
    return replace(profile, quality=replace(profile.quality, skipped=skipped))


def _cut(profile: Profile, from_ns: int) -> Profile:
    """Without what was sampled before a time. A part that lies behind it all keeps its losses and outcomes."""
    before_ns = from_ns - profile.meta.start_ns
    return profile if before_ns <= 0 else select(profile, before_ns)
