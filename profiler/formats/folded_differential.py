"""Differential files: two values on every line, as difffolded prints them for flamegraph.pl.

Whether a file is one shows only at its end: a function's name may end in a number, too.
"""

import re
from typing import Final

import numpy as np

from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.profile import Profile
from profiler.formats.names import frame_of

FIRST_VALUE: Final = "first value of a differential line"
_FIRST_VALUE: Final = re.compile(r"(?P<name>.*\S)\s+[0-9]+(?:\.[0-9]*)?", re.DOTALL)


def ends_in_value(name: str) -> bool:
    """Whether a stack's last name, its value taken off, ends in another value."""
    return name[-1:] in "0123456789." and _FIRST_VALUE.fullmatch(name) is not None


def without_first_values(profile: Profile) -> Profile:
    """The profile of a file whose every stack has its first value in its last name."""
    builder = ProfileBuilder(profile.meta)
    parent, frame = profile.stacks.parent.tolist(), profile.stacks.frame.tolist()
    inner = _with_callees(profile)
    nodes = [ROOT] * len(parent)
    for node in np.flatnonzero(inner).tolist():
        above = nodes[parent[node]] if parent[node] >= 0 else ROOT
        nodes[node] = builder.child(above, builder.frame(profile.frames[frame[node]]))
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        above = nodes[parent[node]] if parent[node] >= 0 else ROOT
        match = _FIRST_VALUE.fullmatch(profile.frames[frame[node]].name)
        last = frame_of(match["name"]) if match else profile.frames[frame[node]]
        builder.add(builder.child(above, builder.frame(last)), value)
    return builder.build(profile.quality)


def _with_callees(profile: Profile) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which nodes are above the last frame of a stack."""
    parent = profile.stacks.parent
    inner = np.zeros(len(parent) + 1, dtype=np.bool_)  # one more for the parent of roots, -1
    inner[parent[profile.node]] = True
    for node in range(len(parent) - 1, -1, -1):
        if inner[node]:
            inner[parent[node]] = True
    return inner[:-1]
