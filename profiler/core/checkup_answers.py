"""Answers to the 60-second check's questions, from what feeds sent and from a profile."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from profiler.core.checkup import MAX_EVENTS, MAX_TOP, Answer, Common, Distribution, Question
from profiler.core.event_batch import EventBatch
from profiler.core.frame import FrameKind
from profiler.core.histogram_batch import HistogramBatch
from profiler.core.probe import Probe, Shows
from profiler.core.profile import Profile

MAX_LABEL = 200
Event = dict[str, Any]


def of_events(question: Question, probe: Probe, batches: Sequence[EventBatch]) -> Answer:
    """Columns that the host hides are left out of labels and events. A million events are never held at once."""
    durations, failures = _fields(probe, Shows.DURATION), _fields(probe, Shows.ERROR)
    grouped, total, errors = Counter[str](), 0, 0
    kept: list[tuple[int, int, Event]] = []
    for total, row in enumerate(_rows(probe, batches, question.only), 1):
        grouped[question.label.format_map(_Known(row))[:MAX_LABEL]] += 1
        errors += any(row.get(name) for name in failures)
        took = next((int(row[name]) for name in durations if name in row), 0)
        # Equal ones in the order in which they came.
        heapq.heappush(kept, (took, -total, row))
        if len(kept) > MAX_EVENTS:
            heapq.heappop(kept)
    kept.sort(reverse=True)
    return Answer(
        question=question.name,
        total=total,
        lost=_lost(batches),
        errors=errors,
        slowest=kept[0][0] if kept else 0,
        top=_top(grouped),
        events=tuple({name: str(value)[:MAX_LABEL] for name, value in row.items()} for _, _, row in kept),
    )


def of_counts(question: Question, probe: Probe, batches: Sequence[EventBatch]) -> Answer:
    """Of counters by process: the sums of all numbers, and who has most of the first one."""
    numbers = _fields(probe, Shows.NUMBER)
    sums = dict.fromkeys(numbers, 0)
    grouped = Counter[str]()
    for row in _rows(probe, batches, question.only):
        grouped[question.label.format_map(_Known(row))[:MAX_LABEL]] += int(row[numbers[0]])
        for name in numbers:
            sums[name] += int(row[name])
    return Answer(
        question=question.name,
        total=sums[numbers[0]],
        lost=_lost(batches),
        top=_top(grouped),
        figures={name: float(count) for name, count in sums.items()},
    )


def of_histograms(question: Question, batches: Sequence[HistogramBatch]) -> Answer:
    """All rows together; the commonest are told by their labels."""
    if not batches:
        return Answer(question=question.name)
    counts = sum((batch.counts.sum(axis=0, dtype=np.int64) for batch in batches), np.zeros(batches[0].buckets.count))
    grouped = Counter[str]()
    for batch in batches:
        for labels, row in zip(batch.labels, batch.counts, strict=True):
            grouped[" ".join(labels)[:MAX_LABEL]] += int(row.sum())
    slowest = max((exemplar.value for batch in batches for exemplar in batch.exemplars), default=0)
    return Answer(
        question=question.name,
        total=int(counts.sum()),
        lost=_lost(batches),
        slowest=slowest,
        top=_top(grouped),
        distribution=Distribution(counts=tuple(int(count) for count in counts), step=batches[0].buckets.step),
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


class _Known(dict[str, Any]):
    """Of an event; what its host hides, or nobody knows, is a question mark."""

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        return "?" if value is None or value == "" else value


def _rows(probe: Probe, batches: Sequence[EventBatch], only: tuple[str, str] | None) -> Iterator[Event]:
    for batch in batches:
        shown = [field.name for field in probe.fields if field.name in batch.columns]
        for values in zip(*(_listed(batch.columns[name]) for name in shown), strict=True):
            row = dict(zip(shown, values, strict=True))
            if only is None or row.get(only[0]) == only[1]:
                yield row


def _fields(probe: Probe, shows: Shows) -> list[str]:
    return [field.name for field in probe.fields if field.shows is shows]


def _listed(column: Any) -> list[Any]:
    return column if isinstance(column, list) else list(column.tolist())


def _lost(batches: Sequence[EventBatch] | Sequence[HistogramBatch]) -> int:
    return sum(sum(batch.lost.values()) for batch in batches)


def _top(grouped: "Counter[str]") -> tuple[Common, ...]:
    return tuple(Common(label=label, count=count) for label, count in grouped.most_common(MAX_TOP) if count)
