"""Batches of a histogram put together: fewer columns of a longer time."""

from collections.abc import Iterable, Sequence

import numpy as np

from profiler.core.histogram_batch import Exemplar, HistogramBatch

# Of a column, the slowest: there is no room on a page for more.
MAX_EXEMPLARS = 64
NS_OF_MS = 10**6


def joined(batches: Sequence[HistogramBatch]) -> HistogramBatch:
    """One batch with all that is in at least one of the same probe, buckets and host."""
    first = batches[0]
    places = {labels: place for place, labels in enumerate(dict.fromkeys(_labels(batches)))}
    counts = np.zeros((len(places), first.buckets.count), dtype=np.int64)
    sums = [0] * len(places)
    lost: dict[str, int] = {}
    for batch in batches:
        for labels, row, total in zip(batch.labels, batch.counts, batch.sums, strict=True):
            counts[places[labels]] += row
            sums[places[labels]] += total
        for cause, count in batch.lost.items():
            lost[cause] = lost.get(cause, 0) + count
    return HistogramBatch(
        first.host, first.probe, min(batch.start_ns for batch in batches), max(batch.end_ns for batch in batches),
        first.buckets, tuple(places), counts, tuple(sums), _slowest(batches), lost,
    )  # fmt: skip


def in_steps(batches: Iterable[HistogramBatch], step_ms: int) -> list[HistogramBatch]:
    """One batch of each step of the Unix time in which some batch has its middle, the oldest first."""
    by_step: dict[int, list[HistogramBatch]] = {}
    for batch in batches:
        middle = (batch.start_ns + batch.end_ns) // 2
        by_step.setdefault(middle // (step_ms * NS_OF_MS), []).append(batch)
    return [joined(by_step[step]) for step in sorted(by_step)]


def _labels(batches: Iterable[HistogramBatch]) -> Iterable[tuple[str, ...]]:
    return (labels for batch in batches for labels in batch.labels)


def _slowest(batches: Iterable[HistogramBatch]) -> tuple[Exemplar, ...]:
    found = (example for batch in batches for example in batch.exemplars)
    return tuple(sorted(found, key=lambda example: -example.value)[:MAX_EXEMPLARS])
