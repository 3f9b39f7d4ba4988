"""One profile of the store, as it was kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from profiler.core.forest import Lookup, Part, tree, unite
from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.core.profile import ProfileMeta
from profiler.core.stack_trie import StackTrie
from profiler.core.tree import Tree
from profiler.store.catalog import HOST, HotRow, Series, Subject
from profiler.store.hot import NS_PER_MS, joined, unpack
from profiler.store.question import unit_of, weight_of


@dataclass(frozen=True)
class StoredProfile:
    """What is known of it; its duration is not kept by every tier, so it is 0 in the tree's `meta`.

    Values of `parts` are as they were kept.
    """

    subject: Subject
    series: Series
    ts_ms: int
    parts: Sequence[Part]
    lookup: Lookup

    def tree(self, max_nodes: int) -> Tree:
        """Its samples; at most about `max_nodes` nodes."""
        weight, unit = weight_of(self.subject, self.series), unit_of(self.subject, self.series)
        host, start_ns = self.labels.get(HOST, ""), self.ts_ms * NS_PER_MS
        meta = ProfileMeta(self.subject.kind, unit, host=host, start_ns=start_ns, period_ns=self.series.period_ns)
        return tree(unite([part.times(weight) for part in self.parts]), self.lookup, meta, max_nodes)

    @property
    def labels(self) -> Mapping[str, str]:
        return self.series.labels


def of_hot_row(row: HotRow, subject: Subject, series: Series) -> StoredProfile:
    """A profile that was not compacted yet knows its own stacks."""
    stacks = unpack(row.data)
    parent, frame, leaf, value = joined([stacks])
    trie = StackTrie.build(parent, frame, leaf)
    frames = dict(zip(stacks.frame_hash.tolist(), stacks.frames, strict=True))

    def lookup(numbers: Hashes) -> list[Frame]:
        return [frames[number] for number in numbers.tolist()]

    part = Part.of(trie, trie.own(np.arange(len(leaf)), value), repeated=True)
    return StoredProfile(subject, series, row.ts_ms, [part], lookup)
