"""Some samples of a profile as a profile: of a part of its time, or those that somebody chose."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from profiler.core.profile import Int64s, Profile
from profiler.core.quality import Quality

UNTIMED = "samples without a time"


def select(profile: Profile, from_ns: int | None = None, to_ns: int | None = None) -> Profile:
    """The samples with from_ns ≤ time < to_ns, counted from the profile's start; None is open. Times stay as they are.

    Samples without a time are in no part; how many there are is told in `quality.skipped`. Losses and outcomes are
    known only of the whole profile. An empty part, also one that ends before it begins, has no samples.
    """
    at_ns = profile.times.at_ns
    first = 0 if from_ns is None else int(np.searchsorted(at_ns, from_ns))
    end = len(at_ns) if to_ns is None else max(first, int(np.searchsorted(at_ns, to_ns)))
    return timed(profile, np.arange(first, end))


def timed(profile: Profile, entries: Int64s) -> Profile:
    """The samples whose times are these entries of the profile's, in the order of time. For the rest see `select`."""
    chosen = profile.times.row[entries]
    value = np.bincount(chosen, minlength=len(profile)).astype(np.int64)
    kept = np.flatnonzero(value)
    untimed = profile.total - len(profile.times)
    return replace(
        profile,
        node=profile.node[kept],
        thread=profile.thread[kept],
        value=value[kept],
        times=profile.times.taken(entries, np.searchsorted(kept, chosen)),
        quality=Quality(samples=len(chosen), skipped={UNTIMED: untimed} if untimed else {}),
    )


def told_of_part(profile: Profile) -> Quality:
    """What a reader of a part must know: what the whole recording lost, and that some of it is in no part."""
    untimed = profile.total - len(profile.times)
    skipped = {**profile.quality.skipped, **({UNTIMED: untimed} if untimed else {})}
    return replace(profile.quality, skipped=skipped)


def of_rows(profile: Profile, wanted: npt.NDArray[np.bool_]) -> Profile:
    """The rows where `wanted` is True, with their times. The quality stays that of the recording."""
    kept = np.flatnonzero(wanted)
    entries = wanted[profile.times.row]
    return replace(
        profile,
        node=profile.node[kept],
        thread=profile.thread[kept],
        value=profile.value[kept],
        times=profile.times.taken(entries, np.searchsorted(kept, profile.times.row[entries])),
    )
