"""Which service a thread belongs to, where nobody has said so: its container, else its unit, else its program."""

import numpy as np

from profiler.core.frame import Thread
from profiler.core.groups import SHORT_ID
from profiler.core.profile import Profile
from profiler.core.stack_sums import StackSums, stack_sums

UNKNOWN = "unknown"
MAX_SERVICE = 255
# A host with more has programs whose names are numbers: the smallest ones share a name.
MAX_SERVICES = 500
OTHERS = "others"


def service_of(profile: Profile, thread: Thread) -> str:
    """A name of at most MAX_SERVICE characters."""
    labels = profile.labels(thread)
    unit = labels.unit.removesuffix(".service") if labels.unit.endswith(".service") else ""
    # A scope's name is often a session's number: what runs in it says more.
    name = labels.name or labels.container[:SHORT_ID] or unit or thread.comm or UNKNOWN
    return name[:MAX_SERVICE]


def by_service(profile: Profile) -> dict[str, StackSums]:
    """The profile's sums apart by service; together they are all of it."""
    names = np.array([service_of(profile, thread) for thread in profile.threads], dtype=object)
    of_sample = names[profile.thread] if len(profile) else np.zeros(0, dtype=object)
    totals = {name: int(profile.value[of_sample == name].sum()) for name in sorted(set(of_sample.tolist()))}
    kept = sorted(totals, key=lambda name: -totals[name])[:MAX_SERVICES]
    parts = {name: stack_sums(profile, of_sample == name) for name in kept}
    if len(kept) < len(totals):
        rest = np.array([name not in parts or name == OTHERS for name in of_sample.tolist()])
        parts[OTHERS] = stack_sums(profile, rest)
    return {name: sums for name, sums in parts.items() if sums.total}
