"""Which labels and values a question's profiles have, and when there are any: what people need to ask the next one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from profiler.core.range_cover import DAY_MS, MINUTE_MS
from profiler.store.protocol import ProfileStore
from profiler.store.question import MAX_RANGE_MS, Question

FINE_MS = 10 * MINUTE_MS


@dataclass
class LabelValue:
    """Profiles that have it, and the sum of their values."""

    value: str
    profiles: int = 0
    total: int = 0


@dataclass
class Label:
    """`values` are distinct ones; `profiles` have the label at all."""

    name: str
    profiles: int = 0
    values: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Extent:
    """Profiles began in first_ms ≤ time < last_ms (Unix ms, to FINE_MS)."""

    first_ms: int
    last_ms: int


def labels(store: ProfileStore, question: Question) -> Sequence[Label]:
    """Those of the profiles in the range, the most usual first. Raises StoreError and SelectorError."""
    found: dict[str, Label] = {}
    for of_series, profiles, _ in store.by_series(question):
        for name, value in of_series.items():
            label = found.setdefault(name, Label(name))
            label.profiles += profiles
            label.values.add(value)
    return sorted(found.values(), key=lambda label: (-label.profiles, label.name))


def label_values(store: ProfileStore, question: Question, name: str) -> Sequence[LabelValue]:
    """A label's values in the range, the largest first. Raises StoreError and SelectorError."""
    found: Mapping[str, list[tuple[int, int]]] = defaultdict(list)
    for of_series, profiles, total in store.by_series(question):
        if of_series.get(name):
            found[of_series[name]].append((profiles, total))
    values = [LabelValue(value, *(sum(column) for column in zip(*rows, strict=True))) for value, rows in found.items()]
    return sorted(values, key=lambda one: (-one.total, one.value))


def extent(store: ProfileStore, question: Question) -> Extent | None:
    """When the question's selector has profiles at all, up to its end; None for never. Raises StoreError."""
    end = -(-question.end_ms // DAY_MS) * DAY_MS
    days = store.series(replace(question, begin_ms=max(0, end - MAX_RANGE_MS), end_ms=end), DAY_MS)
    with_any = np.flatnonzero(days.profiles.sum(axis=0))
    if not len(with_any):
        return None
    first, last = (_within(store, question, days.begin_ms + int(day) * DAY_MS) for day in with_any[[0, -1]])
    return Extent(first[0], last[1])


def _within(store: ProfileStore, question: Question, day_ms: int) -> tuple[int, int]:
    """The first and the last moment of a day that has some."""
    fine = store.series(replace(question, begin_ms=day_ms, end_ms=day_ms + DAY_MS), FINE_MS)
    steps = np.flatnonzero(fine.profiles.sum(axis=0))
    return day_ms + int(steps[0]) * FINE_MS, day_ms + (int(steps[-1]) + 1) * FINE_MS
