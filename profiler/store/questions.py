"""Questions to a profile store: what hot rows and compacted profiles say together. The same for every backend."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from profiler.core.forest import Lookup, Part
from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.store.answers import FunctionSeries, HeatMap, Merged, TimeSeries, Weighable
from profiler.store.catalog import ReadableCatalog, Snapshot
from profiler.store.dictionary import LOST
from profiler.store.engine import Engine
from profiler.store.errors import StoreError
from profiler.store.functions import Order, added, by_function
from profiler.store.header_sums import HeaderSums
from profiler.store.hot_answers import heads, hot_functions, hot_headers, hot_parts
from profiler.store.listing import Listed, largest
from profiler.store.moments import Moments, check_cells
from profiler.store.question import Chosen, Groups, Question, check_values, choose
from profiler.store.reading import Missing
from profiler.store.source import Source
from profiler.store.sums import Buckets, Sums, by_day, hot_rows
from profiler.store.timed import days_of

# A picture is some hundred pixels wide, and every bucket is a pass over the stacks.
MAX_BUCKETS = 500


class Questions:
    """`engine` tells which labels' values regular expressions fit."""

    def __init__(self, catalog: ReadableCatalog, engine: Engine, source: Source) -> None:
        self._catalog, self._engine, self._source = catalog, engine, source

    def merge(self, question: Question, group_by: str | None = None) -> Merged:
        """Sums by stack over all profiles of a question, apart by a label's values when one is given."""
        chosen = choose(self._catalog, self._engine, question)
        groups = chosen.groups(group_by)
        missing = Missing()
        if not chosen.series:
            return Merged.nothing(question, chosen.unit, missing)
        snapshot = self._catalog.snapshot(*question.days, chosen.subjects)
        all_sums = self._sums(snapshot, question, chosen, groups, Buckets.one(question), missing)
        parts = self._all_parts(snapshot, all_sums, groups, missing)
        told = self._source.losses(snapshot, question, chosen, missing)
        hot, frames, hot_told = hot_parts(hot_rows(snapshot, question, chosen), groups)
        lookup = self.lookup(snapshot, frames, missing)
        return Merged.weighed(question, chosen.unit, parts + hot, lookup, missing, told + hot_told)

    def merge_timed(self, question: Question, group_by: str | None = None) -> Merged:
        """The same of samples that were taken in the range, by their own times; those without a time are counted."""
        chosen = choose(self._catalog, self._engine, question)
        groups = chosen.groups(group_by)
        missing = Missing()
        if not chosen.series:
            return Merged.nothing(question, chosen.unit, missing)
        snapshot = self._catalog.snapshot(*days_of(question), chosen.subjects)
        moments = Moments(self._source.timed(snapshot, question, chosen, missing), snapshot, question, chosen)
        hot, frames = moments.hot_parts(groups)
        parts = self._all_parts(snapshot, by_day(moments.stacks(groups.of_series)), groups, missing) + hot
        told = moments.told(sum(part.total for _, part in parts))
        return Merged.weighed(question, chosen.unit, parts, self.lookup(snapshot, frames, missing), missing, told)

    def heatmap(self, question: Question, rows: int, column_ms: int) -> HeatMap:
        """When the samples of a selection were taken. Raises StoreError for more cells than MAX_CELLS."""
        chosen = choose(self._catalog, self._engine, question)
        check_cells(question, rows, column_ms)
        missing = Missing()
        snapshot = self._catalog.snapshot(*days_of(question), chosen.subjects)
        moments = Moments(self._source.timed(snapshot, question, chosen, missing), snapshot, question, chosen)
        counts, untimed = moments.cells(column_ms, rows), moments.untimed()
        return HeatMap(question.begin_ms, column_ms, counts, untimed, sorted(missing.paths))

    def series(self, question: Question, step_ms: int, group_by: str | None = None) -> TimeSeries:
        """Totals by a label's values in steps of time, from the headers of profiles alone. Raises SumError."""
        chosen = choose(self._catalog, self._engine, question)
        groups = chosen.groups(group_by)
        buckets = _buckets(question, step_ms)
        missing = Missing()
        rows = self._headers(question, chosen, groups.of_series, buckets, missing)
        weight, label = groups.weight[rows.group], groups.label_of[rows.group]
        check_values(rows.total, weight)
        shape = len(groups.labels), buckets.of(question.end_ms - 1) + 1
        values, profiles = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        np.add.at(values, (label, rows.bucket), rows.total * weight)
        np.add.at(profiles, (label, rows.bucket), rows.profiles)
        length_ms = int(rows.duration_ms.sum() / max(rows.profiles.sum(), 1))
        damaged = sorted(missing.paths)
        return TimeSeries(
            question.begin_ms, step_ms, groups.labels, values, profiles, chosen.unit, damaged, length_ms=length_ms
        )

    def by_series(self, question: Question) -> list[tuple[Mapping[str, str], int, int]]:
        """Labels of each series with profiles in the range, how many they are, and the sum of their values."""
        chosen = choose(self._catalog, self._engine, question)
        place = {number: index for index, number in enumerate(chosen.series)}
        weight = np.array([chosen.weight(series) for series in chosen.series.values()], dtype=np.int64)
        rows = self._headers(question, chosen, place, Buckets.one(question), Missing())
        check_values(rows.total, weight[rows.group])
        profiles, totals = np.zeros(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.int64)
        np.add.at(profiles, rows.group, rows.profiles)
        np.add.at(totals, rows.group, rows.total * weight[rows.group])
        counts = zip(chosen.series.values(), profiles.tolist(), totals.tolist(), strict=True)
        return [(series.labels, count, total) for series, count, total in counts if count]

    def _headers(
        self, question: Question, chosen: Chosen, group_of: Mapping[int, int], buckets: Buckets, missing: Missing
    ) -> HeaderSums:
        """Of compacted profiles and hot ones."""
        snapshot = self._catalog.snapshot(*question.days, chosen.subjects)
        found = self._source.headers(snapshot, question, group_of, buckets, missing)
        hot = hot_headers(hot_rows(snapshot, question, chosen), group_of, buckets)
        return hot if found is None else found.joined(hot)

    def functions(self, question: Question, step_ms: int, top: int = 20, by: Order = "total") -> FunctionSeries:
        """Own value and total of the largest functions in steps of time; `by` says which makes them large."""
        chosen = choose(self._catalog, self._engine, question)
        buckets = _buckets(question, step_ms)
        count = buckets.of(question.end_ms - 1) + 1
        snapshot = self._catalog.snapshot(*question.days, chosen.subjects)
        missing = Missing()
        groups = chosen.groups(None)
        tables = []
        for sums in self._sums(snapshot, question, chosen, groups, buckets, missing):
            weighed = sums.weighed(groups.weight)
            for subject in np.unique(sums.subject).tolist():
                trie = self._source.trie(snapshot.segments, sums.day, subject, missing)
                tables.append(by_function(weighed, subject, trie, count))
        hot = hot_rows(snapshot, question, chosen)
        waiting = hot_headers(hot, groups.of_series, buckets)
        check_values(waiting.total, groups.weight[waiting.group], sum(float(table.own.sum()) for table in tables))
        table, frames = hot_functions(hot, groups, buckets, count)
        best = added([*tables, *table], count).top(top, by)
        shown = self.lookup(snapshot, frames, missing)(best.frame)
        damaged = sorted(missing.paths)
        return FunctionSeries(question.begin_ms, step_ms, shown, best.own, best.total, damaged, chosen.unit)

    def profiles(self, question: Question, limit: int) -> tuple[list[Listed], list[str]]:
        """The largest profiles of a selection, and the segments that could not be read."""
        chosen = choose(self._catalog, self._engine, question)
        missing = Missing()
        snapshot = self._catalog.snapshot(*question.days, chosen.subjects)
        stored = [
            row
            for _, some in chosen.by_weight()
            for row in self._source.largest(snapshot, question, some, limit, missing)
        ]
        return largest(stored, snapshot, question, chosen, limit), sorted(missing.paths)

    def lookup(self, snapshot: Snapshot, frames: Mapping[int, Frame], missing: Missing) -> Lookup:
        """Frames of these and of the dictionaries."""

        def found(numbers: Hashes) -> list[Frame]:
            unknown = np.array([number for number in numbers.tolist() if number not in frames], dtype=np.uint64)
            stored = self._source.frames(snapshot.segments, unknown, missing)
            return [frames.get(number) or stored.get(number, LOST) for number in numbers.tolist()]

        return found

    def _sums(
        self,
        snapshot: Snapshot,
        question: Question,
        chosen: Chosen,
        groups: Groups,
        buckets: Buckets,
        missing: Missing,
    ) -> Iterator[Sums]:
        """Of some subjects after the others: memory does not grow with their number. Raises SumError."""
        total = 0.0
        for some in chosen.portions(self._source.portion):
            group_of = {number: groups.of_series[number] for number in some.series}
            for sums in by_day(self._source.stacks(snapshot, question, some, group_of, buckets, missing)):
                total = check_values(sums.value, groups.weight[sums.group], total)
                yield sums

    def _all_parts(
        self, snapshot: Snapshot, all_sums: Iterable[Sums], groups: Groups, missing: Missing
    ) -> list[Weighable]:
        return [part for sums in all_sums for part in self._parts(snapshot, sums, groups, missing)]

    def _parts(self, snapshot: Snapshot, sums: Sums, groups: Groups, missing: Missing) -> list[Weighable]:
        parts = []
        names = groups.names
        keys = sums.subject.astype(np.int64) * len(names) + sums.group
        order = np.argsort(keys, kind="stable")
        distinct, start = np.unique(keys[order], return_index=True)
        for key, rows in zip(distinct.tolist(), np.split(order, start[1:]), strict=True):
            subject, group = divmod(key, len(names))
            trie = self._source.trie(snapshot.segments, sums.day, subject, missing)
            # What a damaged dictionary does not know is its last stack.
            stack = np.minimum(sums.stack[rows], len(trie.leaf) - 1)
            part = Part.of(trie, trie.own(stack, sums.value[rows]), heads(names[group]))
            parts.append((int(groups.weight[group]), part))
        return parts


def _buckets(question: Question, step_ms: int) -> Buckets:
    question.check()
    if step_ms < 1 or (question.end_ms - question.begin_ms) > step_ms * MAX_BUCKETS:
        raise StoreError(f"steps of {step_ms} ms: over MAX_BUCKETS ({MAX_BUCKETS}) in that range; take longer ones")
    return Buckets(question.begin_ms, step_ms)
