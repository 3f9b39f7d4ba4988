"""What is asked: series and a range of time. And which series that are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from profiler.core.range_cover import DAY_MS
from profiler.core.selector import Selector
from profiler.store.catalog import SERVICE, ReadableCatalog, Series, Subject
from profiler.store.engine import Engine
from profiler.store.errors import StoreError

# What daily rollups are kept for, and some more: longer ranges are mistakes.
MAX_RANGE_MS = 400 * DAY_MS
NO_VALUE = "(none)"


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
            raise StoreError(f"range of {days} days is over MAX_RANGE_MS ({MAX_RANGE_MS // DAY_MS} days): ask for less")

    @property
    def days(self) -> tuple[int, int]:
        """First and last, both included."""
        return self.begin_ms // DAY_MS, (self.end_ms - 1) // DAY_MS


@dataclass(frozen=True)
class Chosen:
    """The series that a question means. `whole`: each of their subjects with all its series."""

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

    def groups(self, label: str | None) -> tuple[list[str], dict[int, int]]:
        """Values of a label, and which of them (by index) each series has; one nameless group for no label."""
        if label is None:
            return [""], dict.fromkeys(self.series, 0)
        names: dict[str, int] = {}
        of_series = {
            number: names.setdefault(series.labels.get(label, "") or NO_VALUE, len(names))
            for number, series in self.series.items()
        }
        return list(names), of_series


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
    units = sorted({subject.unit for subject in chosen.values()})
    if len(units) > 1:
        raise StoreError(f"kind {question.kind!r} has values in {' and '.join(units)}: they can't be added; narrow it")
    whole = len(kept) == sum(series.subject in chosen for series in all_series.values())
    return Chosen(units[0] if units else "", chosen, kept, whole)
