"""Sums by stack of a profile or of a part of it: a trie of just these stacks, without threads."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from profiler.core.frame import Frame
from profiler.core.profile import Int32s, Int64s, Profile
from profiler.core.stack_trie import Bools
from profiler.core.times import Times
from profiler.core.trie import AnyInts


@dataclass(frozen=True)
class StackSums:
    """`parent` and `frame` (index into `frames`) by node, parents first; `value` of each of the nodes `node`.

    `times.row` is an index into `node`.
    """

    frames: Sequence[Frame]
    parent: Int32s
    frame: Int32s
    node: Int32s
    value: Int64s
    times: Times = field(default_factory=Times.none)

    @property
    def total(self) -> int:
        return int(self.value.sum())


def stack_sums(profile: Profile, samples: Bools | None = None) -> StackSums:
    """Of all samples, or of those that are True. Stacks, and frames, that they do not need are left out."""
    node, value = (profile.node, profile.value) if samples is None else (profile.node[samples], profile.value[samples])
    by_node = np.zeros(len(profile.stacks), dtype=np.int64)
    np.add.at(by_node, node, value)
    used = _with_callers(profile.stacks.parent, np.flatnonzero(by_node))
    new = np.cumsum(used) - 1
    above = profile.stacks.parent[used]
    frames, frame = np.unique(profile.stacks.frame[used], return_inverse=True)
    valued = np.flatnonzero(by_node)
    return StackSums(
        [profile.frames[i] for i in frames.tolist()],
        np.where(above >= 0, new[above], -1).astype(np.int32),
        frame.astype(np.int32),
        new[valued].astype(np.int32),
        by_node[valued],
        _times(profile, samples, valued),
    )


def _times(profile: Profile, samples: Bools | None, valued: AnyInts) -> Times:
    """Of samples whose stack has a value in the end."""
    times = profile.times
    node = profile.node[times.row]
    kept = np.isin(node, valued)
    if samples is not None:
        kept &= samples[times.row]
    return Times.sorted(times.at_ns[kept], np.searchsorted(valued, node[kept]))


def _with_callers(parent: Int32s, nodes: AnyInts) -> Bools:
    used = np.zeros(len(parent), dtype=np.bool_)
    last = np.empty(len(parent), dtype=np.int64)
    while len(nodes):
        used[nodes] = True
        above = parent[nodes]
        above = above[above >= 0]
        above = above[~used[above]]
        # Each once: the last of those that are the same. Sorting them would take three times as long.
        count = np.arange(len(above))
        last[above] = count
        nodes = above[last[above] == count]
    return used
