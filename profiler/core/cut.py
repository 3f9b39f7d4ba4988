"""Stacks whose outermost callers are missing: how they are marked, and how they are told from whole ones."""

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile
from profiler.core.select import of_rows
from profiler.core.states import without_states

# Ends of a walk that lose nothing: a kernel thread has no user stack.
WHOLE_OUTCOMES = frozenset({"end", "whole", "kernel only", "not asked for"})
# Ends that show nowhere in a stack: it is not known to be cut, but may lack callers.
UNMARKED_OUTCOMES = frozenset({"frame pointers", "passed by frame pointer"})
# Of threads that were waiting when a recording began: their user stack is not taken any more.
EARLIER = "wait began before the recording"
_PREFIX = "[cut: "

Which = Literal["all", "whole", "cut"]
WHICH: tuple[Which, ...] = get_args(Which)


def cut_frame(outcome: str) -> Frame:
    """Stands at the root of a stack that ended early, so that what follows does not look like an entry."""
    return Frame(f"{_PREFIX}{outcome}]", FrameKind.PLACEHOLDER)


def cut_outcome(frame: Frame) -> str | None:
    """The outcome that a frame stands for; None for every other frame."""
    if frame.kind is not FrameKind.PLACEHOLDER or not frame.name.startswith(_PREFIX):
        return None
    return frame.name.removeprefix(_PREFIX).removesuffix("]")


def only(profile: Profile, which: Which) -> Profile:
    """The samples with whole stacks, or with cut ones. The quality stays that of the recording."""
    if which == "all":
        return profile
    cut_frames = np.array([cut_outcome(frame) is not None for frame in profile.frames], dtype=bool)
    parent = without_states(profile.stacks.parent, profile.stacks.frame, profile.frames)
    is_cut = cut_frames[profile.stacks.frame[roots(parent)]][profile.node]
    return of_rows(profile, is_cut if which == "cut" else ~is_cut)


def roots(parent: npt.NDArray[np.signedinteger[Any]]) -> npt.NDArray[np.int64]:
    """The root above each node. Each round doubles how far up every node looks."""
    above = np.where(parent < 0, np.arange(len(parent)), parent).astype(np.int64)
    while not np.array_equal(further := above[above], above):
        above = further
    return above
