"""From nested ranges of inlined functions to pieces of code that each have one chain of frames."""

import bisect
from collections.abc import Sequence
from typing import NamedTuple

from profiler.debuginfo.source_frame import FunctionFrames, SourceFrame


class Inlined(NamedTuple):
    """A range of addresses of an inlined function. depth: 1 when the function itself called it, 2 when that one did…"""

    start: int
    end: int
    depth: int
    frame: SourceFrame


def flatten(start: int, end: int, function: SourceFrame, inlined: Sequence[Inlined]) -> FunctionFrames:
    """Ranges are cut to those of the function; neighbours with equal chains become one piece."""
    pieces = [Inlined(max(i.start, start), min(i.end, end), i.depth, i.frame) for i in inlined]
    pieces = [piece for piece in pieces if piece.start < piece.end]
    cuts = sorted({start, *(piece.start for piece in pieces), *(piece.end for piece in pieces if piece.end < end)})
    chains: list[list[SourceFrame]] = [[function] for _ in cuts]
    for piece in sorted(pieces, key=lambda piece: piece.depth):
        for index in range(bisect.bisect_left(cuts, piece.start), bisect.bisect_left(cuts, piece.end)):
            chains[index].append(piece.frame)
    shared: dict[tuple[SourceFrame, ...], tuple[SourceFrame, ...]] = {}
    innermost_first = [tuple(reversed(chain)) for chain in chains]
    innermost_first = [shared.setdefault(chain, chain) for chain in innermost_first]
    kept = [i for i, chain in enumerate(innermost_first) if i == 0 or chain != innermost_first[i - 1]]
    return FunctionFrames(start, end, tuple(cuts[i] for i in kept), tuple(innermost_first[i] for i in kept))
