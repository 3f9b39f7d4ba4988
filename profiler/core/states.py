"""What a thread was doing while a value of its stack grew: a frame outside of the whole stack."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.frame import Frame, FrameKind

_MODULE = "[state]"


def state_frame(name: str) -> Frame:
    """`name` in brackets, as placeholders have it."""
    return Frame(f"[{name}]", FrameKind.PLACEHOLDER, _MODULE)


def is_state(frame: Frame) -> bool:
    return frame.kind is FrameKind.PLACEHOLDER and frame.module == _MODULE


def without_states(
    parent: npt.NDArray[np.signedinteger[Any]], frame: npt.NDArray[np.signedinteger[Any]], frames: Sequence[Frame]
) -> npt.NDArray[np.signedinteger[Any]]:
    """The parents of a trie in which what stands on a state is a root: the stacks as they were taken."""
    states = np.array([is_state(each) for each in frames], dtype=bool)
    if not states.any():
        return parent
    return np.where((parent >= 0) & states[frame[parent]], -1, parent)
