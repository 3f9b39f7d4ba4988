"""Answers to the 60-second check's questions, from what was counted and from a profile."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from profiler.core.checkup import MAX_TOP, Answer, Common, Question
from profiler.core.checkup_tally import MAX_LABEL, Tally
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile


def of_tally(question: Question, tally: Tally, *, seconds: float, lost: int) -> Answer:
    """`lost`: events of its feed that are not in it."""
    return Answer(
        question=question.name,
        seconds=seconds,
        total=tally.total,
        lost=lost,
        errors=tally.errors,
        slowest=tally.slowest,
        top=_top(tally.labels),
        uncounted=tally.uncounted,
        events=tuple(event.columns for event in tally.events),
        distribution=tally.distribution,
        figures={name: float(count) for name, count in tally.figures.items()},
    )


def of_profile(question: Question, profile: Profile) -> Answer:
    """The functions that were on the CPUs, each by its own samples."""
    own = np.bincount(profile.stacks.frame[profile.node], weights=profile.value, minlength=len(profile.frames))
    grouped = Counter[str]()
    for frame, value in zip(profile.frames, own.tolist(), strict=True):
        if value and frame.kind is not FrameKind.PROCESS:
            grouped[frame.name[:MAX_LABEL]] += int(value)
    return Answer(
        question=question.name,
        total=profile.total,
        lost=profile.quality.lost_total,
        top=_top(grouped),
        figures={"period_ns": float(profile.meta.period_ns)},
    )


def _top(labels: Mapping[str, int]) -> tuple[Common, ...]:
    return tuple(Common(label=label, count=count) for label, count in Counter(labels).most_common(MAX_TOP) if count)
