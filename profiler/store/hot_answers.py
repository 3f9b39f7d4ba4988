"""The share of hot rows in an answer: they are few, and know their own stacks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from profiler.core.forest import Part, head_frame
from profiler.core.frame import Frame
from profiler.core.identity import frame_hash
from profiler.core.stack_trie import StackTrie
from profiler.store.answers import Weighable
from profiler.store.catalog import HotRow
from profiler.store.functions import FunctionTable, by_function
from profiler.store.header_sums import HeaderSums
from profiler.store.hot import HotStacks, joined, unpack
from profiler.store.losses import Told
from profiler.store.question import Groups
from profiler.store.sums import Buckets, Sums


def heads(name: str) -> tuple[str, ...]:
    """What the tree puts above a group's stacks."""
    return (name,) if name else ()


def hot_parts(rows: Sequence[HotRow], groups: Groups) -> tuple[list[Weighable], dict[int, Frame], list[Told]]:
    """One part per group, the frames, and what is known of losses."""
    names, group_of = groups.names, groups.of_series
    by_group: dict[int, list[HotStacks]] = defaultdict(list)
    frames = {frame_hash(head): head for head in (head_frame(name) for name in names if name)}
    told: list[Told] = []
    for row in rows:
        stacks = unpack(row.data)
        by_group[group_of[row.series]].append(stacks)
        frames |= dict(zip(stacks.frame_hash.tolist(), stacks.frames, strict=True))
        told += stacks.told
    parts = []
    for group, stacks_of in by_group.items():
        parent, frame, leaf, value = joined(stacks_of)
        trie = StackTrie.build(parent, frame, leaf)
        part = Part.of(trie, trie.own(np.arange(len(leaf)), value), heads(names[group]), repeated=True)
        parts.append((int(groups.weight[group]), part))
    return parts, frames, told


def hot_headers(rows: Sequence[HotRow], group_of: Mapping[int, int], buckets: Buckets) -> HeaderSums:
    found = [(group_of[row.series], buckets.of(row.ts_ms), row.total, 1, row.duration_ms) for row in rows]
    return HeaderSums(*np.array(found, dtype=np.int64).reshape(-1, 5).T)


def hot_functions(
    rows: Sequence[HotRow], groups: Groups, buckets: Buckets, count: int
) -> tuple[list[FunctionTable], dict[int, Frame]]:
    if not rows:
        return [], {}
    stacks = [unpack(row.data) for row in rows]
    frames = {
        number: frame for one in stacks for number, frame in zip(one.frame_hash.tolist(), one.frames, strict=True)
    }
    parent, frame, leaf, value = joined(stacks)
    lengths = [len(one.node) for one in stacks]
    bucket = np.repeat([buckets.of(row.ts_ms) for row in rows], lengths)
    group = np.repeat([groups.of_series[row.series] for row in rows], lengths)
    sums = Sums(0, np.zeros(len(leaf), dtype=np.int64), group, bucket, np.arange(len(leaf)), value)
    return [by_function(sums.weighed(groups.weight), 0, StackTrie.build(parent, frame, leaf), count)], frames
