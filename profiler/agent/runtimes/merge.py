"""Puts an interpreter's functions in the place of its native frames."""

from collections.abc import Sequence
from typing import NamedTuple

from profiler.core.frame import Frame, FrameKind

# The function that is an interpreter's loop; compilers split parts of it off as `….cold`.
EVAL = "_PyEval_EvalFrameDefault"


class Merged(NamedTuple):
    """`matched`: native frames of the loop that have a run. `unmatched`: those that have none, and runs without one.

    left_native: frames of the loop that are shown as such: they have no run, or one without functions.
    between: the only one is the innermost, which has no function yet or no more.
    """

    frames: list[Frame]
    matched: int
    unmatched: int
    left_native: int
    between: bool


def merge(
    native: Sequence[Frame], runs: Sequence[Sequence[Frame]], unlinked: Sequence[Frame] = (), *, from_root: bool
) -> Merged:
    """Each native frame of the loop is replaced by the functions of one run of it. Everything is root first.

    unlinked: the functions of the innermost native loop, if it turns out to have no run with functions.
    from_root: both lists reach the entry of the thread, so they are paired from there; the innermost frame of the loop
    may have no functions yet, or the innermost run no frame any more. Otherwise they are paired from the innermost on,
    and runs that lie further out than the native frames go to the root: what called whom is known there, too.
    """
    places = [i for i, frame in enumerate(native) if frame.name.startswith(EVAL) and is_eval(frame)]
    if unlinked and len(places) == len(runs) + 1:
        runs = [*runs, unlinked]
    elif unlinked and runs and len(places) == len(runs) and not runs[-1]:
        runs = [*runs[:-1], unlinked]
    count = min(len(places), len(runs))
    if from_root:
        paired = dict(zip(places[:count], runs[:count], strict=True))
        outside: Sequence[Sequence[Frame]] = ()
    else:
        paired = dict(zip(places[len(places) - count :], runs[len(runs) - count :], strict=True))
        outside = runs[: len(runs) - count]
    frames: list[Frame] = []
    copied = 0
    for place, run in paired.items():
        if run:
            frames += [*native[copied:place], *run]
            copied = place + 1
    frames += native[copied:]
    unpaired_runs = len(runs) - count if from_root else 0
    left_native = sum(not paired.get(i) for i in places)
    between = left_native == 1 and not unpaired_runs and not paired.get(places[-1])
    unmatched = len(places) - count + unpaired_runs
    return Merged(_with_outer(frames, outside), count, unmatched, left_native, between)


def is_eval(frame: Frame) -> bool:
    return frame.kind is FrameKind.NATIVE and frame.name.partition(".")[0] == EVAL


def _with_outer(frames: list[Frame], outside: Sequence[Sequence[Frame]]) -> list[Frame]:
    """Behind the placeholder that says that the stack was cut, if there is one."""
    at = 1 if frames and frames[0].kind is FrameKind.PLACEHOLDER else 0
    return [*frames[:at], *(frame for run in outside for frame in run), *frames[at:]]
