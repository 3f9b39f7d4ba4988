"""A part of a profile's time as a profile."""

from dataclasses import replace

import numpy as np

from profiler.core.profile import Profile
from profiler.core.quality import Quality
from profiler.core.times import Times

UNTIMED = "samples without a time"


def select(profile: Profile, from_ns: int | None = None, to_ns: int | None = None) -> Profile:
    """The samples with from_ns ≤ time < to_ns, counted from the profile's start; None is open. Times stay as they are.

    Samples without a time are in no part; how many there are is told in `quality.skipped`. Losses and outcomes are
    known only of the whole profile. An empty part, also one that ends before it begins, has no samples.
    """
    at_ns = profile.times.at_ns
    first = 0 if from_ns is None else int(np.searchsorted(at_ns, from_ns))
    end = len(at_ns) if to_ns is None else max(first, int(np.searchsorted(at_ns, to_ns)))
    chosen = profile.times.row[first:end]
    value = np.bincount(chosen, minlength=len(profile)).astype(np.int64)
    kept = np.flatnonzero(value)
    untimed = profile.total - len(at_ns)
    return replace(
        profile,
        node=profile.node[kept],
        thread=profile.thread[kept],
        value=value[kept],
        times=Times(at_ns[first:end], np.searchsorted(kept, chosen).astype(np.int32)),
        quality=Quality(samples=len(chosen), skipped={UNTIMED: untimed} if untimed else {}),
    )
