"""Covering a time range with steps of several sizes: the middle by large ones, the edges by small ones."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Piece(NamedTuple):
    """begin ≤ time < end, a whole number of steps of `step` long and aligned to them."""

    begin: int
    end: int
    step: int


def cover(begin: int, end: int, steps: Sequence[int]) -> Iterator[Piece]:
    """Pieces without gap or overlap, in order of time. `steps` ascend; the first divides both ends."""
    if begin >= end:
        return
    *finer, step = steps
    first, last = -(-begin // step) * step, end // step * step
    if finer and first >= last:
        yield from cover(begin, end, finer)
        return
    if finer:
        yield from cover(begin, first, finer)
    yield Piece(first, last, step)
    if finer:
        yield from cover(last, end, finer)
