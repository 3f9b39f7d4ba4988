"""The tree a flame graph draws: one root `all`, siblings sorted by name, columns in depth-first order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from profiler.core.frame import Frame, FrameKind
from profiler.core.grouping import DEFAULT_GROUP, GroupBy, thread_labels
from profiler.core.profile import Int32s, Int64s, Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.trie import depth_first, levels

ROOT_FRAME = Frame("all", FrameKind.ROOT)


@dataclass(frozen=True)
class Cuts:
    """Pruned children: below `node` (index into the tree) `count` nodes worth `value` are not in the tree."""

    node: Int64s
    value: Int64s
    count: Int64s

    @classmethod
    def none(cls) -> "Cuts":
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


@dataclass(frozen=True)
class Tree:
    """Depth-first columns; node 0 is the root. `total` includes what was cut, so totals always add up:

    total[i] = self_value[i] + sum(total of children) + cuts below i.

    `quality` is None where nobody kept what was lost: nothing may be said of it then.
    """

    meta: ProfileMeta
    frames: Sequence[Frame]
    depth: Int64s
    frame: Int64s
    self_value: Int64s
    total: Int64s
    size: Int64s
    cuts: Cuts = field(default_factory=Cuts.none)
    quality: Quality | None = field(default_factory=Quality)

    def __len__(self) -> int:
        return len(self.depth)


def build_tree(profile: Profile, group: Sequence[GroupBy] = DEFAULT_GROUP) -> Tree:
    """The tree of a profile's samples, below one PROCESS frame per part of `group` (in that order; () for none)."""
    parent, frame, frames, node = _grafted(profile, group)
    rank = np.empty(len(frames), dtype=np.int64)
    rank[sorted(range(len(frames)), key=frames.__getitem__)] = np.arange(len(frames))
    order = depth_first(parent, rank[frame])
    own = np.zeros(len(parent), dtype=np.int64)
    np.add.at(own, order.position[node], profile.value)
    columns = [np.empty(len(parent), dtype=np.int64) for _ in range(3)]
    for column, source in zip(columns, (order.depth, frame, order.size), strict=True):
        column[order.position] = source
    depth, frame_column, size = columns
    running = np.r_[0, np.cumsum(own)]
    start = np.arange(len(own))
    total = running[start + size] - running[start]
    return Tree(profile.meta, frames, depth, frame_column, own, total, size, quality=profile.quality)


def _grafted(profile: Profile, group: Sequence[GroupBy]) -> tuple[Int32s, Int64s, list[Frame], Int64s]:
    """The profile's trie once per group of threads, below the group's frames and the root.

    Returns parent and frame of each new node (node 0 is the root), all frames, and the new node of each sample.
    """
    frames = [*profile.frames, ROOT_FRAME]
    groups, group_of_thread = _groups(profile, group)
    heads, head_parent, head_frame, leaves = _head_trie(groups, len(frames))
    # A node of a group is one number, group * count + node: parents have smaller ones, as in the trie itself.
    count = max(1, len(profile.stacks))
    sample_key = group_of_thread[profile.thread] * count + profile.node
    keys = _with_ancestors(profile.stacks.parent.astype(np.int64), sample_key, count)
    base = 1 + len(head_parent)
    of_group, old = np.divmod(keys, count)
    above = profile.stacks.parent[old].astype(np.int64)
    inner = np.searchsorted(keys, of_group * count + above) + base
    parent = np.where(above >= 0, inner, leaves[of_group])
    return (
        np.r_[-1, head_parent, parent].astype(np.int32),
        np.r_[len(profile.frames), head_frame, profile.stacks.frame[old]].astype(np.int64),
        frames + heads,
        np.searchsorted(keys, sample_key) + base,
    )


def _groups(profile: Profile, group: Sequence[GroupBy]) -> tuple[list[tuple[Frame, ...]], Int64s]:
    """Distinct head frames of the threads, and which of them each thread has."""
    numbers: dict[tuple[Frame, ...], int] = {}
    of_thread = np.zeros(len(profile.threads), dtype=np.int64)
    for i, thread in enumerate(profile.threads):
        names = thread_labels(profile, thread, group)
        heads = tuple(Frame(name, FrameKind.PROCESS) for name in names)
        of_thread[i] = numbers.setdefault(heads, len(numbers))
    return list(numbers), of_thread


def _head_trie(groups: list[tuple[Frame, ...]], first: int) -> tuple[list[Frame], Int64s, Int64s, Int64s]:
    """Trie of the heads below node 0: frames (numbered from `first`), parents, node frames, leaf of each group."""
    frames: dict[Frame, int] = {}
    nodes: dict[tuple[int, int], int] = {}
    leaves = np.zeros(len(groups), dtype=np.int64)
    for number, heads in enumerate(groups):
        node = 0
        for head in heads:
            frame = frames.setdefault(head, first + len(frames))
            node = nodes.setdefault((node, frame), 1 + len(nodes))
        leaves[number] = node
    pairs = np.array(list(nodes), dtype=np.int64).reshape(-1, 2)
    return list(frames), pairs[:, 0], pairs[:, 1], leaves


def _with_ancestors(parent: Int64s, keys: Int64s, count: int) -> Int64s:
    """The keys (group * count + node) and those of all nodes above them, sorted, each once.

    Goes from the deepest level up, so that every node is visited once however many samples share it.
    """
    depth = np.zeros(count, dtype=np.int64)
    for level, nodes in enumerate(levels(parent)):
        depth[nodes] = level
    keys = np.unique(keys)
    key_depth = depth[keys % count]
    found = [np.zeros(0, dtype=np.int64)]
    carried = found[0]
    for level in range(int(key_depth.max(initial=-1)), -1, -1):
        here = np.unique(np.r_[keys[key_depth == level], carried])
        found.append(here)
        carried = here - here % count + parent[here % count]
    return np.sort(np.concatenate(found))
