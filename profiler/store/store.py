"""The profile store: keep profiles, and ask for sums over many of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from profiler.store.compactor import Compactor
from profiler.store.dictionary import LOST, Dictionaries
from profiler.store.engine import Engine
from profiler.store.errors import FutureError, TooOldError
from profiler.store.hot import HotStacks, joined, unpack
from profiler.store.question import Question, choose
from profiler.store.reading import Files, Missing
from profiler.store.sums import Buckets, Sums, SumsReader, hot_rows

NS_PER_MS = 1_000_000
# Clocks differ by seconds; one that is an hour ahead is wrong, and its profiles would lie outside of every range.
MAX_AHEAD_MS = 3_600_000
RAW_DAYS = 14
MAX_NODES = 20_000


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
        for sums in self._sums.stacks(snapshot, question, chosen, group_of, buckets, missing):
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
        buckets = Buckets(question.begin_ms, step_ms)
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
