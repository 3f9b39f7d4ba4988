"""The profile store with its sums on a ClickHouse server: the catalog and what just arrived stay in the database."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from profiler.core.forest import Part
from profiler.core.range_cover import DAY_MS
from profiler.store.answers import FunctionSeries, HeatMap, Merged, TimeSeries
from profiler.store.catalog import Catalog, NewProfile, ReadableCatalog, Series, Snapshot, Subject
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.dictionary import Dictionary, epochs
from profiler.store.clickhouse.feeder import Feeder
from profiler.store.clickhouse.one import delete, find
from profiler.store.clickhouse.partitions import drop_unlisted
from profiler.store.clickhouse.sums import ServerSums
from profiler.store.compactor import ROUND
from profiler.store.engine import Engine
from profiler.store.functions import Order
from profiler.store.listing import Listed
from profiler.store.question import Question
from profiler.store.questions import Questions
from profiler.store.reading import Missing
from profiler.store.retention import expire
from profiler.store.store import check
from profiler.store.stored import StoredProfile, of_hot_row

# Batches begin and end while a question is asked; then it is asked again, in the end without what waits.
ATTEMPTS = 4
# Their samples are held in memory: some 5 MB.
DELETE_AT_ONCE = 100
T = TypeVar("T")


class ClickHouseStore:
    """`ProfileStore` on a server or cluster. `root`: a local directory, for the engine of regular expressions."""

    def __init__(self, catalog: Catalog, root: Path, address: Address) -> None:
        self.catalog, self.connection = catalog, Connection(address)
        self._engine = Engine(root)
        self._dictionary = Dictionary(self.connection)
        self._feeder = Feeder(catalog, self.connection)

    def append(self, profiles: Sequence[NewProfile], now_ms: int) -> int:
        check(profiles, now_ms)
        return self.catalog.append(profiles)

    def merge(self, question: Question, group_by: str | None = None) -> Merged:
        return self._ask(lambda questions: questions.merge(question, group_by))

    def merge_timed(self, question: Question, group_by: str | None = None) -> Merged:
        return self._ask(lambda questions: questions.merge_timed(question, group_by))

    def heatmap(self, question: Question, rows: int, column_ms: int) -> HeatMap:
        return self._ask(lambda questions: questions.heatmap(question, rows, column_ms))

    def series(self, question: Question, step_ms: int, group_by: str | None = None) -> TimeSeries:
        return self._ask(lambda questions: questions.series(question, step_ms, group_by))

    def by_series(self, question: Question) -> list[tuple[Mapping[str, str], int, int]]:
        return self._ask(lambda questions: questions.by_series(question))

    def functions(self, question: Question, step_ms: int, top: int = 20, by: Order = "total") -> FunctionSeries:
        return self._ask(lambda questions: questions.functions(question, step_ms, top, by))

    def profiles(self, question: Question, limit: int) -> tuple[list[Listed], list[str]]:
        return self._ask(lambda questions: questions.profiles(question, limit))

    def profile(self, key: int) -> StoredProfile | None:
        row, day = self.catalog.hot(key), self.catalog.day_of(key)
        if row is not None:
            return of_hot_row(row, *self._who(row.subject, row.series))
        if day is None:
            return None
        snapshot = self.catalog.snapshot(day, day, ())
        found = find(snapshot, self.connection, [key], day)
        if not found:
            return None
        place = found[0]
        stacks = self._dictionary.stacks(place.subject, epochs([day]), place.stack)
        part = Part.of(stacks.trie, stacks.trie.own(stacks.ids(place.stack), place.value))
        lookup = self._questions(self.catalog).lookup(snapshot, {}, Missing())
        return StoredProfile(*self._who(place.subject, place.series), place.ts_ms, [part], lookup)

    def _who(self, subject: int, series: int) -> tuple[Subject, Series]:
        return self.catalog.subjects()[subject], self.catalog.series([subject])[series]

    def delete(self, key: int) -> bool:
        return self.delete_all([key]) > 0

    def delete_all(self, keys: Sequence[int]) -> int:
        """The same of several, DELETE_AT_ONCE of a day in one change of each table."""
        by_day: dict[int, list[int]] = defaultdict(list)
        count = 0
        for key in sorted(set(keys)):
            row, day = self.catalog.hot(key), self.catalog.day_of(key)
            if row is not None and row.batch:
                # It may be there already, or in part: all of it, first.
                self._feeder.feed(0)
            elif row is not None:
                count += self.catalog.delete_hot(key)
                continue
            if day is not None:
                by_day[day].append(key)
        return count + sum(self._delete(day, some) for day, rest in by_day.items() for some in _batches(rest))

    def _delete(self, day: int, keys: Sequence[int]) -> int:
        snapshot = self.catalog.snapshot(day, day, ())
        places = find(snapshot, self.connection, keys, day)
        if places:
            delete(snapshot, self.connection, places)
        return len(places)

    def compact(self, limit: int = ROUND) -> int:
        return self._feeder.feed(limit)

    def merge_levels(self) -> bool:
        """The server does it by itself."""
        return False

    def expire(self, now: datetime) -> int:
        count = expire(self.catalog, int(now.timestamp() * 1000) // DAY_MS)
        return count + drop_unlisted(self.catalog, self.connection, now)

    def _ask(self, ask: Callable[[Questions], T]) -> T:
        """Of one generation of the catalog: rows that were on their way meanwhile may be in both or in none."""
        for _ in range(ATTEMPTS):
            before = self.catalog.generation()
            answer = ask(self._questions(_Waiting(self.catalog)))
            if self.catalog.generation() == before:
                return answer
        return ask(self._questions(_Waiting(self.catalog, hot=False)))

    def _questions(self, catalog: ReadableCatalog) -> Questions:
        return Questions(catalog, self._engine, ServerSums(self.connection, self._dictionary))


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(keys), DELETE_AT_ONCE):
        yield keys[first : first + DELETE_AT_ONCE]


class _Waiting:
    """A catalog whose hot rows are those that wait: none that is on its way, or none at all."""

    def __init__(self, catalog: Catalog, hot: bool = True) -> None:
        self._catalog, self._hot = catalog, hot

    def subjects(self) -> Mapping[int, Subject]:
        return self._catalog.subjects()

    def series(self, subjects: Iterable[int]) -> Mapping[int, Series]:
        return self._catalog.series(subjects)

    def snapshot(self, first_day: int, last_day: int, subjects: Iterable[int] | None = None) -> Snapshot:
        found = self._catalog.snapshot(first_day, last_day, subjects)
        return Snapshot(found.generation, found.segments, [row for row in found.hot if self._hot and not row.batch])
