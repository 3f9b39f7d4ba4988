"""Many sums over many tries as one tree for the viewer, or as two that stand node by node beside each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import EMPTY, Hashes, frame_hash, mix
from profiler.core.profile import Int64s, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.stack_trie import StackTrie
from profiler.core.tree import ROOT_FRAME, Cuts, Tree
from profiler.core.trie import depth_first

Lookup = Callable[[Hashes], Sequence[Frame]]


@dataclass(frozen=True)
class Part:
    """Sums over one trie: `own` by node. `heads` name what the tree puts above them, the outermost first.

    `own` may be (sides, nodes) to compare; all parts of a forest have as many sides. `repeated`: the trie may have the
    same stack several times.
    """

    trie: StackTrie
    own: Int64s
    heads: tuple[str, ...] = ()
    repeated: bool = False

    @property
    def total(self) -> int:
        """Of all sides."""
        return int(self.own.sum())


@dataclass(frozen=True)
class Nodes:
    """The distinct stacks of a forest that have a value, parents before children; `parent` −1 is the root.

    `own` and `total` are (sides, nodes); `size` counts the nodes of the subtree.
    """

    parent: Int64s
    frame: Hashes
    own: Int64s
    total: Int64s
    size: Int64s


def unite(parts: Sequence[Part]) -> Nodes:
    """The same stacks of several tries become one node. Values are added, never rounded."""
    if len(parts) == 1 and not parts[0].heads and not parts[0].repeated:
        return _only(parts[0])
    columns = [_columns(part) for part in parts] + [_heads(parts)]
    stack, below, frame, depth = (np.concatenate([column[i] for column in columns]) for i in range(4))
    own = np.concatenate([column[4] for column in columns], axis=1)
    total = np.concatenate([column[5] for column in columns], axis=1)
    order = np.argsort(stack, kind="stable")
    stacks, start = np.unique(stack[order], return_index=True)
    if not len(stacks):
        return Nodes(np.zeros(0, dtype=np.int64), stacks, own, total, np.zeros(0, dtype=np.int64))
    one = order[start]
    # Parents before children: by depth.
    by_depth = np.argsort(depth[one], kind="stable")
    one = one[by_depth]
    place = np.empty(len(stacks), dtype=np.int64)
    place[by_depth] = np.arange(len(stacks))
    above = np.searchsorted(stacks, below[one])
    parent = np.where(depth[one] > 0, place[np.minimum(above, len(stacks) - 1)], -1)
    own, total = (np.add.reduceat(column[:, order], start, axis=1)[:, by_depth] for column in (own, total))
    return Nodes(parent, frame[one], own, total, _sizes(parent, depth[one]))


def _only(part: Part) -> Nodes:
    own = np.atleast_2d(part.own)
    total = part.trie.totals(own)
    used = total.any(axis=0)
    before = np.cumsum(used)
    kept = np.flatnonzero(used)
    above = part.trie.parent[kept]
    parent = np.where(above >= 0, before[above] - 1, -1)
    size = before[kept + part.trie.size[kept] - 1] - before[kept] + 1
    return Nodes(parent, part.trie.frame[kept], own[:, kept], total[:, kept], size)


Columns = tuple[Hashes, Hashes, Hashes, Int64s, Int64s, Int64s]


def _columns(part: Part) -> Columns:
    """Stack, the stack below it, frame, depth, own and total of the nodes with a value."""
    own = np.atleast_2d(part.own)
    total = part.trie.totals(own)
    used = np.flatnonzero(total.any(axis=0))
    head = _head_stacks(part.heads)[-1] if part.heads else np.uint64(EMPTY)
    stack, above = part.trie.stack[used], part.trie.parent[used]
    below = np.where(above >= 0, part.trie.stack[above], np.uint64(EMPTY))
    if part.heads:
        below = np.where(above >= 0, mix(head, below), head)
        stack = mix(head, stack)
    depth = part.trie.depth[used].astype(np.int64) + len(part.heads)
    return stack, below, part.trie.frame[used], depth, own[:, used], total[:, used]


def _head_stacks(heads: Sequence[str]) -> list[np.uint64]:
    found, below = [], np.uint64(EMPTY)
    for frame in (head_frame(name) for name in heads):
        below = mix(below, np.array([frame_hash(frame)], dtype=np.uint64))[0]
        found.append(below)
    return found


def head_frame(name: str) -> Frame:
    return Frame(name, FrameKind.PROCESS)


def _heads(parts: Sequence[Part]) -> Columns:
    """Rows for the heads of the parts; the same head of several parts is several rows that are added."""
    rows: list[tuple[int, int, int, int]] = []
    totals = []
    sides = np.atleast_2d(parts[0].own).shape[0] if parts else 1
    for part in parts:
        total = np.atleast_2d(part.own).sum(axis=1)
        below = np.uint64(EMPTY)
        for depth, (name, stack) in enumerate(zip(part.heads, _head_stacks(part.heads), strict=True)):
            if total.any():
                rows.append((int(stack), int(below), frame_hash(head_frame(name)), depth))
                totals.append(total)
            below = stack
    stack_column, below_column, frame = (np.array([row[i] for row in rows], dtype=np.uint64) for i in range(3))
    total_column = np.array(totals, dtype=np.int64).reshape(-1, sides).T
    depths = np.array([row[3] for row in rows], dtype=np.int64)
    return stack_column, below_column, frame, depths, np.zeros_like(total_column), total_column


def _sizes(parent: Int64s, depth: Int64s) -> Int64s:
    size = np.ones(len(parent), dtype=np.int64)
    bounds = np.searchsorted(depth, np.arange(int(depth.max(initial=0)) + 2))
    for level in range(len(bounds) - 2, 0, -1):
        here = slice(bounds[level], bounds[level + 1])
        np.add.at(size, parent[here], size[here])
    return size


def tree(
    nodes: Nodes, lookup: Lookup, meta: ProfileMeta, max_nodes: int, side: int = 0, quality: Quality | None = None
) -> Tree:
    """At most about `max_nodes` of the largest nodes, as `core/prune.py` has it; each says what is cut below it.

    `lookup` tells the frames of frame numbers, in their order.
    """
    drawn = _drawn(nodes, lookup, {side: meta}, _largest(nodes.total[side], max_nodes))[0]
    return replace(drawn, quality=quality)


def tree_pair(
    nodes: Nodes, lookup: Lookup, metas: tuple[ProfileMeta, ProfileMeta], max_nodes: int
) -> tuple[Tree, Tree]:
    """Both sides as trees of the same nodes in the same order, each node large on one side at least."""
    shares = nodes.total / np.maximum(nodes.own.sum(axis=1, keepdims=True), 1)
    base, other = _drawn(nodes, lookup, dict(enumerate(metas)), _largest(shares.max(axis=0), max_nodes))
    return base, other


def _drawn(nodes: Nodes, lookup: Lookup, metas: Mapping[int, ProfileMeta], kept: Int64s) -> list[Tree]:
    """A tree of the kept nodes for each side that has a meta."""
    used, frame = np.unique(nodes.frame[kept], return_inverse=True)
    frames = [*lookup(used), ROOT_FRAME]
    new = np.full(len(nodes.parent) + 1, -1)
    new[kept] = np.arange(1, len(kept) + 1)
    new[-1] = 0
    parent = np.r_[-1, new[nodes.parent[kept]]]
    tops = nodes.parent < 0
    size = np.r_[len(nodes.parent) + 1, nodes.size[kept]]
    drawn = []
    for side, meta in metas.items():
        own = np.r_[0, nodes.own[side, kept]]
        total = np.r_[nodes.total[side, tops].sum(), nodes.total[side, kept]]
        drawn.append(_arranged(parent, np.r_[len(used), frame], own, total, size, frames, meta))
    return drawn


def _largest(total: "Int64s | npt.NDArray[np.float64]", max_nodes: int) -> Int64s:
    if len(total) < max_nodes:
        return np.flatnonzero(total > 0)
    threshold = np.partition(total, len(total) - max_nodes)[len(total) - max_nodes]
    keep = total >= threshold
    if keep.sum() > max_nodes:
        keep = total > threshold
    return np.flatnonzero(keep)


def _arranged(
    parent: Int64s, frame: Int64s, own: Int64s, total: Int64s, size: Int64s, frames: list[Frame], meta: ProfileMeta
) -> Tree:
    """The tree of these nodes; what their totals and sizes hold beyond them is cut."""
    rank = np.empty(len(frames), dtype=np.int64)
    rank[sorted(range(len(frames)), key=frames.__getitem__)] = np.arange(len(frames))
    order = depth_first(parent, rank[frame])
    hidden_value, hidden_count = total - own, size - 1
    np.subtract.at(hidden_value, parent[1:], total[1:])
    np.subtract.at(hidden_count, parent[1:], size[1:])
    source = np.empty(len(parent), dtype=np.int64)
    source[order.position] = np.arange(len(parent))
    cut = np.flatnonzero(hidden_count[source] > 0)
    cuts = Cuts(cut, hidden_value[source][cut], hidden_count[source][cut])
    depth, frame, own, total, size = (column[source] for column in (order.depth, frame, own, total, order.size))
    return Tree(meta, frames, depth, frame, own, total, size, cuts, None)
