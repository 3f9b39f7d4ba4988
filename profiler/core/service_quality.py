"""A recording's quality apart by service: its counts are of the whole recording, and shared out to the last one."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np

from profiler.core.cut import WHOLE_OUTCOMES, cut_outcome, roots
from profiler.core.frame import Frame
from profiler.core.profile import Int32s, Int64s
from profiler.core.quality import Quality
from profiler.core.stack_sums import StackSums
from profiler.core.states import without_states

WHOLE = "whole"


def apart(quality: Quality, parts: Mapping[str, StackSums]) -> dict[str, Quality]:
    """Name → quality; added up, they say what `quality` says of samples, losses, outcomes and missing names.

    How a stack ended, and whether its innermost frame has a name, is seen in the stacks of each part. A lost sample
    has no stack: each part gets as many as its share of the values. Other counts are of a recording only.
    """
    totals = [part.total for part in parts.values()]
    cut = [_by_outcome(part) for part in parts.values()]
    unnamed = [_by_module(part) for part in parts.values()]
    shares = zip(
        _shared(quality.lost, [dict.fromkeys(quality.lost, total) for total in totals]),
        _shared(_with_whole(quality.outcomes), cut),
        _shared(quality.unknown, unnamed),
        share_out(quality.samples, totals),
        share_out(quality.thinned, totals),
        strict=True,
    )
    return {
        name: Quality(samples=samples, lost=lost, outcomes=outcomes, unknown=unknown, thinned=thinned)
        for name, (lost, outcomes, unknown, samples, thinned) in zip(parts, shares, strict=True)
    }


def share_out(count: int, weights: Sequence[int]) -> list[int]:
    """`count` in whole numbers in proportion to weights ≥ 0 (evenly when all are 0); they add up to it."""
    if not sum(weights):
        weights = [1] * len(weights)
    ends = [count * running // max(sum(weights), 1) for running in accumulate(weights, initial=0)]
    return [end - begin for begin, end in pairwise(ends)]


def _shared(counts: Mapping[str, int], weights: Sequence[Mapping[str, int]]) -> list[dict[str, int]]:
    """Each reason's count apart by its own weights; what nobody gets is left out."""
    found: list[dict[str, int]] = [{} for _ in weights]
    for reason, count in counts.items():
        shares = share_out(count, [of.get(reason, 0) for of in weights])
        for one, share in zip(found, shares, strict=True):
            if share:
                one[reason] = share
    return found


def _with_whole(outcomes: Mapping[str, int]) -> dict[str, int]:
    """All good ends as one: stacks that are whole don't say how."""
    whole = sum(count for outcome, count in outcomes.items() if outcome in WHOLE_OUTCOMES)
    broken = {outcome: count for outcome, count in outcomes.items() if outcome not in WHOLE_OUTCOMES}
    return ({WHOLE: whole} if whole else {}) | broken


def _by_outcome(part: StackSums) -> dict[str, int]:
    root = part.frame[roots(without_states(part.parent, part.frame, part.frames))[part.node]]
    return _by_name(root, part, lambda frame: cut_outcome(frame) or WHOLE)


def _by_module(part: StackSums) -> dict[str, int]:
    """Value of the stacks whose innermost frame is but an address, by its module."""
    return _by_name(part.frame[part.node], part, lambda frame: frame.module if _nameless(frame) else "")


def _nameless(frame: Frame) -> bool:
    """An address, or memory of no file: modules of the latter are in brackets, too."""
    return frame.name.endswith(f"+{frame.offset:#x}") if frame.offset else frame.module.startswith("[")


def _by_name(frame: Int32s, part: StackSums, name: Callable[[Frame], str]) -> dict[str, int]:
    values: Int64s = np.zeros(len(part.frames), dtype=np.int64)
    np.add.at(values, frame, part.value)
    found: dict[str, int] = {}
    for number in np.flatnonzero(values).tolist():
        key = name(part.frames[number])
        found[key] = found.get(key, 0) + int(values[number])
    return found
