"""What is asked: series and a range of time. And which series that are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiler.core.profile import NANOSECONDS, SAMPLES, Int64s
from profiler.core.range_cover import DAY_MS
from profiler.core.selector import Selector
from profiler.store.catalog import SERVICE, ReadableCatalog, Series, Subject
from profiler.store.engine import Engine
from profiler.store.errors import StoreError, SumError

# What daily rollups are kept for, and some more: longer ranges are mistakes.
MAX_RANGE_MS = 400 * DAY_MS
NO_VALUE = "(none)"
MAX_SUM = 2**63


@dataclass(frozen=True)
class Question:
    """Profiles of `kind` whose series fit the selector and that began in begin_ms ≤ time < end_ms (Unix ms)."""

    selector: Selector
    begin_ms: int
    end_ms: int
    kind: str = "cpu"

    def check(self) -> None:
        if not 0 <= self.begin_ms < self.end_ms:
            raise StoreError(f"range {self.begin_ms}–{self.end_ms}: the end must come after the beginning")
        if self.end_ms - self.begin_ms > MAX_RANGE_MS:
            days = (self.end_ms - self.begin_ms) // DAY_MS
            raise StoreError(
                f"a range of {days:,} days is longer than anything is kept: at most {MAX_RANGE_MS // DAY_MS} days "
                f"(MAX_RANGE_MS)"
            )

    @property
    def days(self) -> tuple[int, int]:
        """First and last, both included."""
        return self.begin_ms // DAY_MS, (self.end_ms - 1) // DAY_MS


@dataclass(frozen=True)
class Chosen:
    """The series that a question means. `whole`: each of their subjects with all its series.

    `unit` is that of answers; kept values times `weight` are in it.
    """

    unit: str
    subjects: Mapping[int, Subject]
    series: Mapping[int, Series]
    whole: bool

    def portions(self, count: int) -> Iterator["Chosen"]:
        """The same series, up to `count` subjects at a time, in their order."""
        numbers = sorted(self.subjects)
        for first in range(0, len(numbers), count):
            subjects = {number: self.subjects[number] for number in numbers[first : first + count]}
            series = {number: one for number, one in self.series.items() if one.subject in subjects}
            yield replace(self, subjects=subjects, series=series)

    def groups(self, label: str | None) -> "Groups":
        """By a label's values, or all together with an empty name; what has different weights is apart in any case."""
        found: dict[tuple[str, int], int] = {}
        of_series = {}
        for number, series in self.series.items():
            name = "" if label is None else series.labels.get(label, "") or NO_VALUE
            of_series[number] = found.setdefault((name, self.weight(series)), len(found))
        return Groups([name for name, _ in found], np.array([w for _, w in found], dtype=np.int64), of_series)

    def weight(self, series: Series) -> int:
        """What each unit of a series' kept values stands for in `unit`."""
        return weight_of(self.subjects[series.subject], series)

    def by_weight(self) -> Iterator[tuple[int, "Chosen"]]:
        """The same series, those of one weight at a time."""
        for each in sorted({self.weight(series) for series in self.series.values()}):
            series = {number: one for number, one in self.series.items() if self.weight(one) == each}
            subjects = {one.subject: self.subjects[one.subject] for one in series.values()}
            yield each, replace(self, subjects=subjects, series=series, whole=False)


@dataclass(frozen=True)
class Groups:
    """Series that are added up as they were kept. Several may have one name: they differ in weight."""

    names: Sequence[str]
    weight: Int64s
    of_series: Mapping[int, int]

    @property
    def labels(self) -> list[str]:
        """Distinct names."""
        return list(dict.fromkeys(self.names))

    @property
    def label_of(self) -> Int64s:
        """Which of `labels` each group has."""
        labels = self.labels
        return np.array([labels.index(name) for name in self.names], dtype=np.int64)


def check_sum(kept: Mapping[int, int]) -> None:
    """Of values by their weight. Raises StoreError for more than a sum can hold: 292 years of CPU time."""
    if sum(each * value for each, value in kept.items()) >= MAX_SUM:
        raise SumError


def check_values(value: Int64s, weight: Int64s, before: float = 0.0) -> float:
    """Before kept values are multiplied by their weights and added up, which would start over from below zero.

    Returns `before` and their sum. Raises SumError.
    """
    total = before + float((value.astype(np.float64) * weight).sum())
    if total >= MAX_SUM:
        raise SumError
    return total


def unit_of(subject: Subject, series: Series) -> str:
    """Samples of a known period are told as CPU time: counts of different rates can't be added."""
    return NANOSECONDS if subject.unit == SAMPLES and series.period_ns else subject.unit


def weight_of(subject: Subject, series: Series) -> int:
    """What each unit of a series' kept values stands for in `unit_of` it."""
    return series.period_ns if subject.unit == SAMPLES and series.period_ns else 1


def choose(catalog: ReadableCatalog, engine: Engine, question: Question) -> Chosen:
    """Raises StoreError when the values have several units, SelectorError for an expression that can't be."""
    question.check()
    subjects = {number: one for number, one in catalog.subjects().items() if one.kind == question.kind}
    # By service first: the series of all others need not be read.
    by_service = Selector(tuple(matcher for matcher in question.selector.matchers if matcher.label == SERVICE))
    named = {number: {SERVICE: subject.service} for number, subject in subjects.items()}
    fitting = set(by_service.choose(named, engine.like))
    all_series = {n: one for n, one in catalog.series(fitting).items() if one.subject in fitting}
    labels = {number: series.labels for number, series in all_series.items()}
    kept = {number: all_series[number] for number in question.selector.choose(labels, engine.like)}
    chosen = {series.subject: subjects[series.subject] for series in kept.values()}
    units = sorted({unit_of(subjects[series.subject], series) for series in kept.values()})
    if len(units) > 1:
        raise StoreError(f"kind {question.kind!r} has values in {' and '.join(units)}: they can't be added; narrow it")
    whole = len(kept) == sum(series.subject in chosen for series in all_series.values())
    return Chosen(units[0] if units else "", chosen, kept, whole)
