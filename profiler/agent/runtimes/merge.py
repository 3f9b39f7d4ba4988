"""Puts an interpreter's functions in the place of its native frames."""

from collections.abc import Sequence
from typing import NamedTuple

from profiler.core.frame import Frame, FrameKind

# The function that is an interpreter's loop; compilers split parts of it off as `….cold`.
EVAL = "_PyEval_EvalFrameDefault"


class Merged(NamedTuple):
    """`matched`: native frames of the loop that were replaced. `unmatched`: those that were not, and runs without one.

    between: the only one that is not matched is the innermost, which has no function yet or no more.
    """

    frames: list[Frame]
    matched: int
    unmatched: int
    between: bool = False


def merge(native: Sequence[Frame], runs: Sequence[Sequence[Frame]], *, from_root: bool) -> Merged:
    """Each native frame of the loop is replaced by the functions of one run of it. Everything is root first.

    from_root: both lists reach the entry of the thread, so they are paired from there; the innermost frame of the loop
    may have no functions yet, or the innermost run no frame any more. Otherwise they are paired from the innermost on,
    and runs that lie further out than the native frames go to the root: what called whom is known there, too.
    """
    places = [i for i, frame in enumerate(native) if is_eval(frame)]
    count = min(len(places), len(runs))
    if from_root:
        paired = dict(zip(places[:count], runs[:count], strict=True))
        outside: Sequence[Sequence[Frame]] = ()
    else:
        paired = dict(zip(places[len(places) - count :], runs[len(runs) - count :], strict=True))
        outside = runs[: len(runs) - count]
    frames: list[Frame] = []
    for i, frame in enumerate(native):
        frames += paired.get(i) or (frame,)
    matched = sum(map(bool, paired.values()))
    unmatched = len(places) - matched + (len(runs) - count if from_root else 0)
    between = unmatched == 1 and len(runs) <= len(places) and not paired.get(places[-1])
    return Merged(_with_outer(frames, outside), matched, unmatched, between)


def is_eval(frame: Frame) -> bool:
    return frame.kind is FrameKind.NATIVE and frame.name.partition(".")[0] == EVAL


def _with_outer(frames: list[Frame], outside: Sequence[Sequence[Frame]]) -> list[Frame]:
    """Behind the placeholder that says that the stack was cut, if there is one."""
    at = 1 if frames and frames[0].kind is FrameKind.PLACEHOLDER else 0
    return [*frames[:at], *(frame for run in outside for frame in run), *frames[at:]]
