"""Functions without a symbol: recorded at each address that was sampled, shown as one function."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from profiler.core.frame import Frame, has_no_symbol
from profiler.core.identity import frame_hashes, stack_hashes
from profiler.core.profile import Int32s, Int64s, Profile, Stacks


def one_per_function(profile: Profile) -> Profile:
    """The same samples, with the addresses inside one function as one frame: the function's start.

    Who names frames by debug files needs the addresses and does so before: an inlined function is told by them.
    """
    shown = [_function(frame) if frame.offset else frame for frame in profile.frames]
    if all(new is old for new, old in zip(shown, profile.frames, strict=True)):
        return profile
    place: dict[Frame, int] = {}
    number = np.array([place.setdefault(frame, len(place)) for frame in shown], dtype=np.int32)
    stacks, moved = _joined(profile.stacks, number, tuple(place))
    return replace(profile, frames=tuple(place), stacks=stacks, node=moved[profile.node])


def _joined(stacks: Stacks, number: Int32s, frames: Sequence[Frame]) -> tuple[Stacks, Int32s]:
    """The trie with frame `number[f]` in the place of f, and the new node of each old one."""
    content = stack_hashes(stacks.parent, frame_hashes(frames)[number[stacks.frame]])
    _, first, same = np.unique(content, return_index=True, return_inverse=True)
    # In order of first appearance, callers come first.
    order = np.argsort(first)
    rank: Int64s = np.empty_like(order)
    rank[order] = np.arange(len(order))
    moved = rank[same].astype(np.int32)
    kept = first[order]
    above = stacks.parent[kept]
    parent = np.where(above >= 0, moved[above], -1).astype(np.int32)
    return Stacks(parent, number[stacks.frame[kept]]), moved


def _function(frame: Frame) -> Frame:
    if not has_no_symbol(frame):
        return frame
    start = frame.name[len(frame.module) + 1 :]
    # Somebody's upload may call a function like that and mean something else.
    begins = int(start, 16) if re.fullmatch("0x[0-9a-f]{1,16}", start) else 0
    return frame._replace(offset=begins) if 0 < begins < frame.offset else frame
