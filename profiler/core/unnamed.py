"""Functions without a symbol: recorded at each address that was sampled, shown as one function."""

import re

from profiler.core.frame import Frame, has_no_symbol
from profiler.core.profile import Profile
from profiler.core.resolve import is_unresolved, rename


def one_per_function(profile: Profile) -> Profile:
    """The same samples, with the addresses inside one function as one frame: the function's start.

    Who names frames by debug files needs the addresses and does so before: an inlined function is told by them.
    """
    return rename(profile, lambda frame: (_function(frame),), is_unresolved)


def _function(frame: Frame) -> Frame:
    if not has_no_symbol(frame):
        return frame
    start = frame.name[len(frame.module) + 1 :]
    # Somebody's upload may call a function like that and mean something else.
    begins = int(start, 16) if re.fullmatch("0x[0-9a-f]{1,16}", start) else 0
    return frame._replace(offset=begins) if 0 < begins < frame.offset else frame
