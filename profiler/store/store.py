"""The profile store: keep profiles, and ask for sums over many of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from profiler.core.forest import Lookup, Part
from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.core.range_cover import DAY_MS
from profiler.store.answers import FunctionSeries, HeatMap, Merged, TimeSeries
from profiler.store.catalog import Catalog, NewProfile, Snapshot
from profiler.store.compactor import ROUND, Compactor
from profiler.store.deletion import delete
from profiler.store.dictionary import LOST, Dictionaries
from profiler.store.engine import Engine
from profiler.store.errors import FutureError, StoreError, TooOldError
from profiler.store.functions import Order, added, by_function
from profiler.store.hot_answers import heads, hot_functions, hot_parts
from profiler.store.levels import merge_level
from profiler.store.listing import Listed, largest
from profiler.store.moments import Moments, check_cells
from profiler.store.one import find
from profiler.store.question import Question, choose
from profiler.store.reading import Files, Missing
from profiler.store.retention import RAW_DAYS, expire, sweep
from profiler.store.stored import StoredProfile, of_hot_row
from profiler.store.sums import Buckets, Sums, SumsReader, by_day, hot_rows

# Clocks differ by seconds; one that is an hour ahead is wrong, and its profiles would lie outside of every range.
MAX_AHEAD_MS = 3_600_000
# A picture is some hundred pixels wide, and every bucket is a pass over the stacks.
MAX_BUCKETS = 500


class Store:
    """One per process will do: it is safe to use from several threads, and after a fork."""

    def __init__(self, catalog: Catalog, root: Path, engine: Engine | None = None) -> None:
        self.catalog = catalog
        self.files = Files(root, engine or Engine(root))
        self.dictionaries = Dictionaries(self.files)
        self.compactor = Compactor(catalog, self.files, self.dictionaries)
        self._sums = SumsReader(self.files)

    def append(self, profiles: Sequence[NewProfile], now_ms: int) -> int:
        """Keep these, in one commit: when this returns they are kept. Returns how many were not known yet.

        Raises TooOldError, FutureError and CardinalityError; then none is kept.
        """
        for profile in profiles:
            host = profile.labels.get("host", "")
            if profile.ts_ms > now_ms + MAX_AHEAD_MS:
                ahead = (profile.ts_ms - now_ms) // 1000
                raise FutureError(f"profile of host {host!r} begins in {ahead} s: set the clock of that host")
            if profile.day < now_ms // DAY_MS - RAW_DAYS:
                raise TooOldError(f"profile of host {host!r} is older than RAW_DAYS ({RAW_DAYS}): it is not kept")
        return self.catalog.append(profiles)

    def merge(self, question: Question, group_by: str | None = None) -> Merged:
        """Sums by stack over all profiles of a question, apart by a label's values when one is given."""
        chosen = choose(self.catalog, self.files.engine, question)
        names, group_of = chosen.groups(group_by)
        missing = Missing()
        if not chosen.series:
            return Merged(question, chosen.unit, [], lambda numbers: [], missing)
        snapshot = self.catalog.snapshot(*question.days, chosen.subjects)
        all_sums = self._sums.stacks(snapshot, question, chosen, group_of, Buckets.one(question), missing)
        parts = self._all_parts(snapshot, all_sums, names, missing)
        told = self._sums.losses(snapshot, question, chosen, missing)
        hot, frames, hot_told = hot_parts(hot_rows(snapshot, question, chosen), names, group_of)
        lookup = self._lookup(snapshot, frames, missing)
        return Merged(question, chosen.unit, parts + hot, lookup, missing, told + hot_told)

    def merge_timed(self, question: Question, group_by: str | None = None) -> Merged:
        """The same of samples that were taken in the range, by their own times; those without a time are counted."""
        chosen = choose(self.catalog, self.files.engine, question)
        names, group_of = chosen.groups(group_by)
        missing = Missing()
        if not chosen.series:
            return Merged(question, chosen.unit, [], lambda numbers: [], missing)
        snapshot = self.catalog.snapshot(*Moments.days(question), chosen.subjects)
        moments = Moments(self.files, snapshot, question, chosen, missing)
        hot, frames = moments.hot_parts(names, group_of)
        parts = self._all_parts(snapshot, moments.stacks(group_of), names, missing) + hot
        told = moments.told(sum(part.total for part in parts))
        return Merged(question, chosen.unit, parts, self._lookup(snapshot, frames, missing), missing, told)

    def heatmap(self, question: Question, rows: int, column_ms: int) -> HeatMap:
        """When the samples of a selection were taken. Raises StoreError for more cells than MAX_CELLS."""
        chosen = choose(self.catalog, self.files.engine, question)
        check_cells(question, rows, column_ms)
        missing = Missing()
        snapshot = self.catalog.snapshot(*Moments.days(question), chosen.subjects)
        moments = Moments(self.files, snapshot, question, chosen, missing)
        counts, untimed = moments.cells(column_ms, rows), moments.untimed()
        return HeatMap(question.begin_ms, column_ms, counts, untimed, sorted(missing.paths))

    def series(self, question: Question, step_ms: int, group_by: str | None = None) -> TimeSeries:
        """Totals by a label's values in steps of time, from the headers of profiles alone."""
        chosen = choose(self.catalog, self.files.engine, question)
        names, group_of = chosen.groups(group_by)
        buckets = _buckets(question, step_ms)
        shape = len(names), buckets.of(question.end_ms - 1) + 1
        values, profiles = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        missing = Missing()
        snapshot = self.catalog.snapshot(*question.days, chosen.subjects)
        found = self._sums.headers(snapshot, question, group_of, buckets, missing)
        if found is not None:
            np.add.at(values, (found["grp"], found["bucket"]), found["total"])
            np.add.at(profiles, (found["grp"], found["bucket"]), found["profiles"])
        for row in hot_rows(snapshot, question, chosen):
            values[group_of[row.series], buckets.of(row.ts_ms)] += row.total
            profiles[group_of[row.series], buckets.of(row.ts_ms)] += 1
        return TimeSeries(question.begin_ms, step_ms, names, values, profiles, chosen.unit, sorted(missing.paths))

    def by_series(self, question: Question) -> list[tuple[Mapping[str, str], int, int]]:
        """Labels of each series with profiles in the range, how many they are, and the sum of their values."""
        chosen = choose(self.catalog, self.files.engine, question)
        place = {number: index for index, number in enumerate(chosen.series)}
        profiles, totals = np.zeros(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.int64)
        snapshot = self.catalog.snapshot(*question.days, chosen.subjects)
        found = self._sums.headers(snapshot, question, place, Buckets.one(question), Missing())
        if found is not None:
            np.add.at(profiles, found["grp"], found["profiles"])
            np.add.at(totals, found["grp"], found["total"])
        for row in hot_rows(snapshot, question, chosen):
            profiles[place[row.series]] += 1
            totals[place[row.series]] += row.total
        counts = zip(chosen.series.values(), profiles.tolist(), totals.tolist(), strict=True)
        return [(series.labels, count, total) for series, count, total in counts if count]

    def functions(self, question: Question, step_ms: int, top: int = 20, by: Order = "total") -> FunctionSeries:
        """Own value and total of the largest functions in steps of time; `by` says which makes them large."""
        chosen = choose(self.catalog, self.files.engine, question)
        buckets = _buckets(question, step_ms)
        count = buckets.of(question.end_ms - 1) + 1
        snapshot = self.catalog.snapshot(*question.days, chosen.subjects)
        missing = Missing()
        group_of = dict.fromkeys(chosen.series, 0)
        tables = []
        for sums in self._sums.stacks(snapshot, question, chosen, group_of, buckets, missing):
            for subject in np.unique(sums.subject).tolist():
                trie = self.dictionaries.trie(snapshot.segments, sums.day, subject, missing)
                tables.append(by_function(sums, subject, trie, count))
        hot = hot_rows(snapshot, question, chosen)
        table, frames = hot_functions(hot, buckets, count)
        best = added([*tables, *table], count).top(top, by)
        stored = self.dictionaries.frames(snapshot.segments, best.frame, missing)
        shown = [frames.get(number) or stored.get(number, LOST) for number in best.frame.tolist()]
        return FunctionSeries(question.begin_ms, step_ms, shown, best.own, best.total, sorted(missing.paths))

    def profiles(self, question: Question, limit: int) -> tuple[list[Listed], list[str]]:
        """The largest profiles of a selection, and the segments that could not be read."""
        chosen = choose(self.catalog, self.files.engine, question)
        missing = Missing()
        snapshot = self.catalog.snapshot(*question.days, chosen.subjects)
        found = largest(self.files, snapshot, question, chosen, limit, missing)
        return found, sorted(missing.paths)

    def profile(self, key: int) -> StoredProfile | None:
        """One profile as it was kept; None when there is none. Raises StoreError when its samples are gone."""
        row = self.catalog.hot(key)
        if row is not None:
            return of_hot_row(row, self.catalog.subjects()[row.subject], self._labels(row.subject, row.series))
        place = find(self.catalog, self.files, key)
        if place is None:
            return None
        missing = Missing()
        trie = self.dictionaries.trie(place.snapshot.segments, place.day, place.subject, missing)
        part = Part(trie, trie.own(np.minimum(place.stack, len(trie.leaf) - 1), place.value))

        lookup = self._lookup(place.snapshot, {}, missing)
        labels = self._labels(place.subject, place.series)
        return StoredProfile(self.catalog.subjects()[place.subject], labels, place.ts_ms, [part], lookup)

    def delete(self, key: int) -> bool:
        """Take a profile out of every answer; False when there is none. Raises OvertakenError."""
        return self.delete_all([key]) > 0

    def delete_all(self, keys: Sequence[int]) -> int:
        """The same of several, in one pass over their days; returns how many there were."""
        return delete(self.catalog, self.files, keys)

    def compact(self, limit: int = ROUND) -> int:
        """Move up to `limit` profiles into segments; returns how many: 0 when none waits. Raises OvertakenError."""
        return self.compactor.compact(limit).profiles

    def merge_levels(self) -> bool:
        """One large segment of many small ones; False when there is none to make. Raises OvertakenError."""
        return merge_level(self.catalog, self.files) is not None

    def expire(self, now: datetime) -> int:
        """Unlist what is past its time, delete files that nobody needs; returns how many. Raises OvertakenError."""
        count = expire(self.catalog, int(now.timestamp() * 1000) // DAY_MS)
        return count + sweep(self.catalog, self.files.root, now)

    def _labels(self, subject: int, series: int) -> Mapping[str, str]:
        return self.catalog.series([subject])[series].labels

    def _lookup(self, snapshot: Snapshot, frames: Mapping[int, Frame], missing: Missing) -> Lookup:
        """Frames of these and of the dictionaries."""

        def lookup(numbers: Hashes) -> list[Frame]:
            unknown = np.array([number for number in numbers.tolist() if number not in frames], dtype=np.uint64)
            stored = self.dictionaries.frames(snapshot.segments, unknown, missing)
            return [frames.get(number) or stored.get(number, LOST) for number in numbers.tolist()]

        return lookup

    def _all_parts(
        self, snapshot: Snapshot, all_sums: Iterable[Sums], names: Sequence[str], missing: Missing
    ) -> list[Part]:
        return [part for sums in by_day(all_sums) for part in self._parts(snapshot, sums, names, missing)]

    def _parts(self, snapshot: Snapshot, sums: Sums, names: Sequence[str], missing: Missing) -> list[Part]:
        parts = []
        keys = sums.subject.astype(np.int64) * len(names) + sums.group
        order = np.argsort(keys, kind="stable")
        distinct, start = np.unique(keys[order], return_index=True)
        for key, rows in zip(distinct.tolist(), np.split(order, start[1:]), strict=True):
            subject, group = divmod(key, len(names))
            trie = self.dictionaries.trie(snapshot.segments, sums.day, subject, missing)
            # What a damaged dictionary does not know is its last stack.
            stack = np.minimum(sums.stack[rows], len(trie.leaf) - 1)
            parts.append(Part(trie, trie.own(stack, sums.value[rows]), heads(names[group])))
        return parts


def _buckets(question: Question, step_ms: int) -> Buckets:
    question.check()
    if step_ms < 1 or (question.end_ms - question.begin_ms) > step_ms * MAX_BUCKETS:
        raise StoreError(f"steps of {step_ms} ms: over MAX_BUCKETS ({MAX_BUCKETS}) in that range; take longer ones")
    return Buckets(question.begin_ms, step_ms)
