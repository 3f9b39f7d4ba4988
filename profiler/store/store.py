"""The profile store: keep profiles, and ask for sums over many of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from profiler.core.forest import Lookup, Part, head_frame, tree, unite
from profiler.core.frame import Frame
from profiler.core.identity import Hashes, frame_hash
from profiler.core.profile import Int64s, ProfileMeta
from profiler.core.range_cover import DAY_MS
from profiler.core.stack_trie import StackTrie
from profiler.core.tree import Tree
from profiler.store.catalog import Catalog, HotRow, NewProfile, Snapshot
from profiler.store.compactor import ROUND, Compactor
from profiler.store.dictionary import LOST, Dictionaries
from profiler.store.engine import Engine
from profiler.store.errors import FutureError, StoreError, TooOldError
from profiler.store.functions import FunctionTable, added, by_function
from profiler.store.hot import HotStacks, joined, unpack
from profiler.store.levels import merge_level
from profiler.store.one import delete, find
from profiler.store.question import Question, choose
from profiler.store.reading import Files, Missing
from profiler.store.retention import RAW_DAYS, expire, sweep
from profiler.store.stored import StoredProfile, of_hot_row
from profiler.store.sums import Buckets, Sums, SumsReader, by_day, hot_rows

NS_PER_MS = 1_000_000
# Clocks differ by seconds; one that is an hour ahead is wrong, and its profiles would lie outside of every range.
MAX_AHEAD_MS = 3_600_000
MAX_NODES = 20_000
# A picture is some hundred pixels wide, and every bucket is a pass over the stacks.
MAX_BUCKETS = 500


@dataclass(frozen=True)
class Merged:
    """Sums of a question as parts of a forest, one per group, day and subject."""

    question: Question
    unit: str
    parts: Sequence[Part]
    lookup: Lookup
    damage: Missing

    @property
    def missing(self) -> list[str]:
        """Segments that could not be read."""
        return sorted(self.damage.paths)

    @property
    def rounded_ms(self) -> int:
        """Steps that the range was widened to, because finer sums are past their time; 0 when it is as asked."""
        return self.damage.rounded_ms

    def tree(self, max_nodes: int = MAX_NODES) -> Tree:
        start_ns = self.question.begin_ms * NS_PER_MS
        duration_ns = self.question.end_ms * NS_PER_MS - start_ns
        meta = ProfileMeta(self.question.kind, self.unit, start_ns=start_ns, duration_ns=duration_ns)
        return tree(unite(self.parts), self.lookup, meta, max_nodes)


@dataclass(frozen=True)
class TimeSeries:
    """`values[g, b]`: sum of group g in bucket b; `profiles` likewise counts them."""

    begin_ms: int
    step_ms: int
    groups: Sequence[str]
    values: Int64s
    profiles: Int64s
    unit: str
    missing: Sequence[str] = field(default=())


@dataclass(frozen=True)
class FunctionSeries:
    """`total[f, b]`: value in bucket b of the stacks that function f is on; `own` of those that end in it."""

    begin_ms: int
    step_ms: int
    frames: Sequence[Frame]
    own: Int64s
    total: Int64s
    missing: Sequence[str]


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
        buckets = Buckets.one(question)
        parts = []
        for sums in by_day(self._sums.stacks(snapshot, question, chosen, group_of, buckets, missing)):
            parts += self._parts(snapshot, sums, names, missing)
        hot = hot_rows(snapshot, question, chosen)
        hot_parts, frames = _hot_parts(hot, names, group_of)

        def lookup(numbers: Hashes) -> list[Frame]:
            unknown = np.array([number for number in numbers.tolist() if number not in frames], dtype=np.uint64)
            stored = self.dictionaries.frames(snapshot.segments, unknown, missing)
            return [frames.get(number) or stored.get(number, LOST) for number in numbers.tolist()]

        return Merged(question, chosen.unit, parts + hot_parts, lookup, missing)

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

    def functions(self, question: Question, step_ms: int, top: int = 20) -> "FunctionSeries":
        """Own value and total of the largest functions in steps of time."""
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
        table, frames = _hot_functions(hot, buckets, count)
        best = added([*tables, *table], count).top(top)
        stored = self.dictionaries.frames(snapshot.segments, best.frame, missing)
        shown = [frames.get(number) or stored.get(number, LOST) for number in best.frame.tolist()]
        return FunctionSeries(question.begin_ms, step_ms, shown, best.own, best.total, sorted(missing.paths))

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

        def lookup(numbers: Hashes) -> list[Frame]:
            stored = self.dictionaries.frames(place.snapshot.segments, numbers, missing)
            return [stored.get(number, LOST) for number in numbers.tolist()]

        labels = self._labels(place.subject, place.series)
        return StoredProfile(self.catalog.subjects()[place.subject], labels, place.ts_ms, [part], lookup)

    def delete(self, key: int) -> bool:
        """Take a profile out of every answer; False when there is none. Raises OvertakenError."""
        return delete(self.catalog, self.files, key)

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
            parts.append(Part(trie, trie.own(stack, sums.value[rows]), _heads(names[group])))
        return parts


def _buckets(question: Question, step_ms: int) -> Buckets:
    question.check()
    if step_ms < 1 or (question.end_ms - question.begin_ms) > step_ms * MAX_BUCKETS:
        raise StoreError(f"steps of {step_ms} ms: over MAX_BUCKETS ({MAX_BUCKETS}) in that range; take longer ones")
    return Buckets(question.begin_ms, step_ms)


def _heads(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _hot_parts(
    rows: Sequence[HotRow], names: Sequence[str], group_of: "dict[int, int]"
) -> tuple[list[Part], "dict[int, Frame]"]:
    """One part per group: hot rows are few, and know their own stacks."""
    by_group: dict[int, list[HotStacks]] = defaultdict(list)
    frames = {frame_hash(head): head for head in (head_frame(name) for name in names if name)}
    for row in rows:
        stacks = unpack(row.data)
        by_group[group_of[row.series]].append(stacks)
        frames |= dict(zip(stacks.frame_hash.tolist(), stacks.frames, strict=True))
    parts = []
    for group, stacks_of in by_group.items():
        parent, frame, leaf, value = joined(stacks_of)
        trie = StackTrie.build(parent, frame, leaf)
        parts.append(Part(trie, trie.own(np.arange(len(leaf)), value), _heads(names[group]), repeated=True))
    return parts, frames


def _hot_functions(
    rows: Sequence[HotRow], buckets: Buckets, count: int
) -> tuple[list[FunctionTable], "dict[int, Frame]"]:
    if not rows:
        return [], {}
    stacks = [unpack(row.data) for row in rows]
    frames = {
        number: frame for one in stacks for number, frame in zip(one.frame_hash.tolist(), one.frames, strict=True)
    }
    parent, frame, leaf, value = joined(stacks)
    lengths = [len(one.node) for one in stacks]
    bucket = np.repeat([buckets.of(row.ts_ms) for row in rows], lengths)
    same = np.zeros(len(leaf), dtype=np.int64)
    sums = Sums(0, same, same, bucket, np.arange(len(leaf)), value)
    return [by_function(sums, 0, StackTrie.build(parent, frame, leaf), count)], frames
