"""Sums by stack of a profile or of parts of it: for each a trie of just these stacks, without threads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from profiler.core.frame import Frame
from profiler.core.identity import Hashes, frame_hash, stack_hashes
from profiler.core.profile import Int32s, Int64s, Profile
from profiler.core.times import Times
from profiler.core.trie import AnyInts, levels


@dataclass(frozen=True)
class StackSums:
    """`parent` and `frame` (index into `frames`) by node, parents first; `value` of each of the nodes `node`.

    `times.row` is an index into `node`. `numbers`: those of content (identity.py) of `frames` and of the stacks of
    `node`, where they are known already.
    """

    frames: Sequence[Frame]
    parent: Int32s
    frame: Int32s
    node: Int32s
    value: Int64s
    times: Times = field(default_factory=Times.none)
    numbers: tuple[Hashes, Hashes] | None = None

    @property
    def total(self) -> int:
        return int(self.value.sum())


def stack_sums(profile: Profile) -> StackSums:
    """Of all samples. Stacks, and frames, that they do not need are left out."""
    return sums_apart(profile, np.zeros(len(profile), dtype=np.int64), 1)[0]


def sums_apart(profile: Profile, part: AnyInts, count: int) -> list[StackSums]:
    """Of each of `count` parts; `part` says which one each sample is of.

    All at once, level by level of the profile's trie: a host has dozens of services, and their stacks forty levels.
    """
    numbers = np.array([frame_hash(frame) for frame in profile.frames], dtype=np.uint64)
    stacks = stack_hashes(profile.stacks.parent, numbers[profile.stacks.frame])
    size = len(profile.stacks)
    keys, row = np.unique(part * size + profile.node, return_inverse=True)
    values = np.zeros(len(keys), dtype=np.int64)
    np.add.at(values, row, profile.value)
    keys, values = keys[values != 0], values[values != 0]
    used = _with_callers(profile.stacks.parent, keys)
    edges = np.arange(count + 1) * size
    own, of_nodes = np.searchsorted(keys, edges), np.searchsorted(used, edges)
    times = _times_apart(profile, part, count)
    return [
        _sums(
            profile,
            used[of_nodes[i] : of_nodes[i + 1]] - edges[i],
            keys[own[i] : own[i + 1]] - edges[i],
            values[own[i] : own[i + 1]],
            times[i],
            (numbers, stacks),
        )
        for i in range(count)
    ]


def _sums(
    profile: Profile, nodes: Int64s, valued: Int64s, value: Int64s, times: Times, numbers: tuple[Hashes, Hashes]
) -> StackSums:
    """`nodes` are `valued` and all their callers, ascending."""
    above = profile.stacks.parent[nodes]
    frames, frame = np.unique(profile.stacks.frame[nodes], return_inverse=True)
    return StackSums(
        [profile.frames[i] for i in frames.tolist()],
        np.where(above >= 0, np.searchsorted(nodes, above), -1).astype(np.int32),
        frame.astype(np.int32),
        np.searchsorted(nodes, valued).astype(np.int32),
        value,
        _of_stacks(profile, times, valued),
        (numbers[0][frames], numbers[1][valued]),
    )


def _with_callers(parent: Int32s, keys: Int64s) -> Int64s:
    """Keys (part · nodes + node) of nodes with all those above them in their part, ascending."""
    size = len(parent)
    depth = np.zeros(size, dtype=np.int64)
    for level, nodes in enumerate(levels(parent)):
        depth[nodes] = level
    deepest = np.argsort(-depth[keys % max(size, 1)], kind="stable")
    ends = np.searchsorted(-depth[keys[deepest] % max(size, 1)], -np.arange(int(depth.max(initial=0)), -2, -1), "left")
    here, found = keys[:0], [keys[:0]]
    for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        # From the deepest level up: each node is met once in each part.
        here = np.unique(np.concatenate([here, keys[deepest[first:last]]]))
        found.append(here)
        above = parent[here % max(size, 1)]
        here = (here // max(size, 1) * size + above)[above >= 0]
    return np.sort(np.concatenate(found))


def _times_apart(profile: Profile, part: AnyInts, count: int) -> list[Times]:
    """As in the profile: `row` is a row of its samples."""
    of_time = part[profile.times.row]
    order = np.argsort(of_time, kind="stable")
    edges = np.searchsorted(of_time[order], np.arange(count + 1)).tolist()
    chosen: Iterator[Int64s] = (order[edges[i] : edges[i + 1]] for i in range(count))
    return [Times(profile.times.at_ns[rows], profile.times.row[rows]) for rows in chosen]


def _of_stacks(profile: Profile, times: Times, valued: Int64s) -> Times:
    """Of samples whose stack has a value in the end."""
    node = profile.node[times.row]
    kept = np.isin(node, valued)
    return Times.sorted(times.at_ns[kept], np.searchsorted(valued, node[kept]))
