"""What was counted so far of one question of a 60-second check: as large after a million events as after a thousand.

Sums are exact. What many events have in common is counted by its label; of labels there may be any number, so that the
rarest are let go of, and `uncounted` says how much each count may lack for that (as Misra and Gries's summary of a
stream does: the error is what was let go of, never more).
"""

from collections import Counter
from collections.abc import Sequence
from string import Formatter
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from profiler.core.checkup import MAX_EVENTS, Distribution, Question
from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch
from profiler.core.histogram_batch import HistogramBatch
from profiler.core.probe import Field, Probe, Shows

# Between batches; a worker keeps each tally in Redis while its check goes on.
MAX_LABELS = 5000
MAX_LABEL = 200
# Columns of a histogram's examples, before its labels.
EXAMPLE_FIELDS = (
    Field("at_ns", Shows.TIME, "Time"),
    Field("value", Shows.DURATION, "Took"),
    Field("pid", Shows.PID, "Process"),
    Field("comm", Shows.COMM, "Name"),
)


class Ranked(BaseModel):
    """An event by column, as text, and what it is ranked by: how long it took, ns."""

    model_config = ConfigDict(extra="forbid")
    took: int
    columns: dict[str, str]


class Tally(BaseModel):
    """`events`: the slowest, of equal ones the first. `figures`: sums of columns. `slowest`: ns."""

    model_config = ConfigDict(extra="forbid")
    total: int = 0
    errors: int = 0
    slowest: int = 0
    labels: dict[str, int] = {}
    uncounted: int = 0
    events: list[Ranked] = []
    figures: dict[str, int] = {}
    distribution: Distribution | None = None


def add_events(tally: Tally, question: Question, probe: Probe, batch: EventBatch) -> None:
    """Columns that the host hides are left out of labels and events. Raises BatchError for no batch of this probe."""
    _require_columns(probe, batch)
    rows = _rows_about(question, batch)
    tally.total += len(rows)
    _count_labels(tally, question, batch, rows)
    failures = [_taken(batch, name, rows) for name in _fields(probe, Shows.ERROR)]
    tally.errors += sum(map(any, zip(*failures, strict=True)))
    duration = next((name for name in _fields(probe, Shows.DURATION) if name in batch.columns), None)
    took = np.zeros(len(rows), np.int64) if duration is None else _durations(batch.columns[duration], rows)
    shown = [field.name for field in probe.fields if field.name in batch.columns]
    slowest = np.argsort(-took, kind="stable")[:MAX_EVENTS].tolist()
    _rank(tally, [Ranked(took=int(took[i]), columns=_as_text(batch, shown, rows[i])) for i in slowest])


def add_counts(tally: Tally, question: Question, probe: Probe, batch: EventBatch) -> None:
    """Of counters by process: the sums of all numbers, and who has most of the first one. Raises BatchError."""
    _require_columns(probe, batch)
    numbers = [name for name in _fields(probe, Shows.NUMBER) if name in batch.columns]
    if not numbers:
        raise BatchError(f"{probe.name}: a batch without its counts")
    for name in numbers:
        tally.figures[name] = tally.figures.get(name, 0) + sum(_listed(batch.columns[name]))
    _count_labels(tally, question, batch, range(len(batch)), _listed(batch.columns[numbers[0]]))
    tally.total = tally.figures[numbers[0]]


def add_histogram(tally: Tally, probe: Probe, batch: HistogramBatch) -> None:
    """All rows together; the commonest are told by their labels. Raises BatchError for other buckets than before."""
    counts = batch.counts.sum(axis=0, dtype=np.int64)
    told = tally.distribution
    if told and (len(told.counts), told.step) != (len(counts), batch.buckets.step):
        raise BatchError(f"{probe.name}: {len(counts)} buckets, where batches before had {len(told.counts)}")
    before = np.array(told.counts, np.int64) if told else 0
    tally.distribution = Distribution(counts=tuple((counts + before).tolist()), step=batch.buckets.step)
    tally.total += int(counts.sum())
    for labels, row in zip(batch.labels, batch.counts, strict=True):
        _add(tally.labels, " ".join(labels)[:MAX_LABEL], int(row.sum()))
    _prune(tally)
    names = [field.name for field in EXAMPLE_FIELDS] + list(probe.histogram.labels if probe.histogram else ())
    for one in batch.exemplars:
        values = (one.at_ns, one.value, one.pid, one.comm, *one.labels)
        _rank(tally, [Ranked(took=one.value, columns=dict(zip(names, map(str, values), strict=False)))])


class _Known(dict[str, Any]):
    """Of an event; what its host hides, or nobody knows, is a question mark."""

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        return "?" if value is None or value == "" else value


def _require_columns(probe: Probe, batch: EventBatch) -> None:
    """What agents send is believed to be of the kind that the probe says, not more."""
    for field in probe.fields:
        column = batch.columns.get(field.name)
        if column is not None and isinstance(column, list) != field.shows.is_text:
            kind = "text" if isinstance(column, list) else "numbers"
            raise BatchError(f"{probe.name}: column {field.name} holds {kind}")


def _rows_about(question: Question, batch: EventBatch) -> Sequence[int]:
    if question.only is None:
        return range(len(batch))
    name, value = question.only
    return [i for i, found in enumerate(_listed(batch.columns.get(name, []))) if found == value]


def _count_labels(
    tally: Tally, question: Question, batch: EventBatch, rows: Sequence[int], weights: Sequence[int] | None = None
) -> None:
    """Each different label is put into words once, however many events have it."""
    named = [name for _, name, _, _ in Formatter().parse(question.label) if name]
    parts = list(zip(*(_taken(batch, name, rows) for name in named), strict=True))
    counted = Counter(parts)
    if weights is not None:
        counted = Counter()
        for part, weight in zip(parts, weights, strict=True):
            counted[part] += weight
    for values, count in counted.items():
        label = question.label.format_map(_Known(zip(named, values, strict=True)))
        _add(tally.labels, label[:MAX_LABEL], count)
    _prune(tally)


def _add(labels: dict[str, int], label: str, count: int) -> None:
    if count:
        labels[label] = labels.get(label, 0) + count


def _prune(tally: Tally) -> None:
    """Half of them at once: sorting for each new one would cost more than counting."""
    if len(tally.labels) > MAX_LABELS:
        *kept, (_, most) = Counter(tally.labels).most_common(MAX_LABELS // 2 + 1)
        tally.labels = dict(kept)
        tally.uncounted += most


def _rank(tally: Tally, events: list[Ranked]) -> None:
    tally.events = sorted([*tally.events, *events], key=lambda event: -event.took)[:MAX_EVENTS]
    tally.slowest = max(tally.slowest, *(event.took for event in events), 0)


def _as_text(batch: EventBatch, names: list[str], row: int) -> dict[str, str]:
    return {name: str(batch.columns[name][row])[:MAX_LABEL] for name in names}


def _durations(column: Any, rows: Sequence[int]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    # The kernel's clock has counted for less than 2^63 ns; a larger one is no duration, and first.
    whole: np.ndarray[Any, np.dtype[np.int64]] = np.minimum(column, np.uint64(2**63 - 1)).astype(np.int64)
    return whole if isinstance(rows, range) else whole[np.array(rows, np.intp)]


def _taken(batch: EventBatch, name: str, rows: Sequence[int]) -> list[Any]:
    column = batch.columns.get(name)
    if column is None:
        return [None] * len(rows)
    return _listed(column) if isinstance(rows, range) else [column[i] for i in rows]


def _fields(probe: Probe, shows: Shows) -> list[str]:
    return [field.name for field in probe.fields if field.shows is shows]


def _listed(column: Any) -> list[Any]:
    return column if isinstance(column, list) else list(column.tolist())
