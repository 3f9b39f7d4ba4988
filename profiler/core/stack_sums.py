"""Sums by stack of a profile or of a part of it: a trie of just these stacks, without threads and times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from profiler.core.frame import Frame
from profiler.core.profile import Int32s, Int64s, Profile
from profiler.core.stack_trie import Bools
from profiler.core.trie import AnyInts


@dataclass(frozen=True)
class StackSums:
    """`parent` and `frame` (index into `frames`) by node, parents first; `value` of each of the nodes `node`."""

    frames: Sequence[Frame]
    parent: Int32s
    frame: Int32s
    node: Int32s
    value: Int64s

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
    )


def _with_callers(parent: Int32s, nodes: AnyInts) -> Bools:
    used = np.zeros(len(parent), dtype=np.bool_)
    while len(nodes):
        used[nodes] = True
        above = parent[nodes]
        above = above[above >= 0]
        nodes = np.unique(above[~used[above]])
    return used
