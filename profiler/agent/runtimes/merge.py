"""Puts an interpreter's functions in the place of its native frames."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Merged(NamedTuple, Generic[T]):
    """`matched`: native frames of the loop that have a run. `unmatched`: those that have none, and runs without one.

    left_native: frames of the loop that are shown as such: they have no run, or one without functions.
    between: the only one is the innermost, which has no function yet or no more.
    """

    frames: list[T]
    matched: int
    unmatched: int
    left_native: int
    between: bool


def merge(
    native: Sequence[T],
    places: Sequence[int],
    runs: Sequence[Sequence[T]],
    unlinked: Sequence[T] = (),
    *,
    from_root: bool,
    skip: int = 0,
) -> Merged[T]:
    """Each native frame of the loop is replaced by the functions of one run of it. Everything is root first.

    places: where frames of the loop are. Frames may be anything that stands for them.
    unlinked: the functions of the innermost native loop, if it turns out to have no run with functions.
    from_root: both lists reach the entry of the thread, so they are paired from there; the innermost frame of the loop
    may have no functions yet, or the innermost run no frame any more. Otherwise they are paired from the innermost on,
    and runs that lie further out than the native frames go to the root, behind the first `skip` ones, which say that
    the stack was cut: what called whom is known there, too.
    """
    if unlinked and len(places) == len(runs) + 1:
        runs = [*runs, unlinked]
    elif unlinked and runs and len(places) == len(runs) and not runs[-1]:
        runs = [*runs[:-1], unlinked]
    count = min(len(places), len(runs))
    if from_root:
        paired = dict(zip(places[:count], runs[:count], strict=True))
        outside: Sequence[Sequence[T]] = ()
    else:
        paired = dict(zip(places[len(places) - count :], runs[len(runs) - count :], strict=True))
        outside = runs[: len(runs) - count]
    frames: list[T] = []
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
    outer = [frame for run in outside for frame in run]
    return Merged([*frames[:skip], *outer, *frames[skip:]], count, unmatched, left_native, between)
