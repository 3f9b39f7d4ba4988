"""Many sums over many tries as one tree for the viewer, or as two that stand node by node beside each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from profiler.core.forest_largest import Largest, largest
from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import EMPTY, Hashes, frame_hash, mix
from profiler.core.profile import Int64s, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.stack_trie import StackTrie
from profiler.core.tree import ROOT_FRAME, Cuts, Tree
from profiler.core.trie import AnyInts, depth_first

Lookup = Callable[[Hashes], Sequence[Frame]]
# A forest of more than so many times the nodes that are shown is not made whole.
LARGE_FOREST = 16


@dataclass(frozen=True)
class Part:
    """Sums over one trie. `heads` name what the tree puts above them, the outermost first.

    `value` is (sides, len(node)): what each of the nodes `node` has of its own; all others have nothing, and are most.
    All parts of a forest have as many sides. `repeated`: the trie may have the same stack several times.
    """

    trie: StackTrie
    node: Int64s
    value: Int64s
    heads: tuple[str, ...] = ()
    repeated: bool = False

    @classmethod
    def of(cls, trie: StackTrie, own: Int64s, heads: tuple[str, ...] = (), repeated: bool = False) -> "Part":
        """From own values by node: (nodes) or, to compare, (sides, nodes)."""
        own = np.atleast_2d(own)
        node = np.flatnonzero(own.any(axis=0))
        return cls(trie, node, own[:, node], heads, repeated)

    def having(self, own: Int64s) -> "Part":
        """The same part with these own values instead."""
        return Part.of(self.trie, own, self.heads, self.repeated)

    def times(self, weight: int) -> "Part":
        """The same part with all values multiplied."""
        return self if weight == 1 else replace(self, value=self.value * weight)

    @property
    def own(self) -> Int64s:
        """(sides, nodes), made anew each time: of a fleet's parts they are as large as the tries."""
        own = np.zeros((len(self.value), len(self.trie)), dtype=np.int64)
        own[:, self.node] = self.value
        return own

    @property
    def total(self) -> int:
        """Of all sides."""
        return int(self.value.sum())


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


def unite(parts: Sequence[Part], max_nodes: int | None = None) -> Nodes:
    """The same stacks of several tries become one node. Values are added, never rounded.

    `max_nodes`: no more will be shown, so of a large forest only the largest are made, a few times as many. Their
    values are exact; `size` counts what is below them once for each part.
    """
    if len(parts) == 1 and not parts[0].heads and not parts[0].repeated:
        return _only(parts[0])
    worth = _worth(parts, max_nodes)
    columns = [_columns(part, worth) for part in parts] + [_heads(parts)]
    stack, below, frame, depth, _, _, size = (np.concatenate([c[i] for c in columns], axis=-1) for i in range(7))
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
    sizes = _sizes(parent, depth[one]) if worth is None else np.add.reduceat(size[order], start)[by_depth]
    return Nodes(parent, frame[one], own, total, sizes)


def _only(part: Part) -> Nodes:
    own = part.own
    total = part.trie.totals(own)
    used = total.any(axis=0)
    before = np.cumsum(used)
    kept = np.flatnonzero(used)
    above = part.trie.parent[kept]
    parent = np.where(above >= 0, before[above] - 1, -1)
    size = before[kept + part.trie.size[kept] - 1] - before[kept] + 1
    return Nodes(parent, part.trie.frame(kept), own[:, kept], total[:, kept], size)


Columns = tuple[Hashes, Hashes, Hashes, Int64s, Int64s, Int64s, Int64s]


def _worth(parts: Sequence[Part], max_nodes: int | None) -> Largest | None:
    """Which stacks to make nodes of; None for all."""
    if max_nodes is None or sum(len(part.trie) for part in parts) <= max_nodes * LARGE_FOREST:
        return None
    return largest([partial(_totals, part) for part in parts], max_nodes)


def _totals(part: Part) -> tuple[Hashes, Int64s]:
    """Stacks with a value, and the larger side's total of each."""
    total = part.trie.totals(part.own).max(axis=0)
    nodes = np.flatnonzero(total)
    return _stacks(part, nodes), total[nodes]


def _columns(part: Part, worth: Largest | None) -> Columns:
    """Stack, the stack below it, frame, depth, own, total and size of the nodes with a value that are worth it."""
    own = part.own
    total = part.trie.totals(own)
    has_value = total.any(axis=0)
    before = np.cumsum(has_value)
    used = np.flatnonzero(has_value)
    stack = _stacks(part, used)
    if worth is not None:
        # With all entries: they add up to the root.
        kept = worth.has(stack) | (part.trie.parent[used] < 0)
        used, stack = used[kept], stack[kept]
    above = part.trie.parent[used]
    below = np.where(above >= 0, _stacks(part, above), _head(part))
    depth = part.trie.depth[used].astype(np.int64) + len(part.heads)
    size = before[used + part.trie.size[used] - 1] - before[used] + 1
    return stack, below, part.trie.frame(used), depth, own[:, used], total[:, used], size


def _stacks(part: Part, nodes: AnyInts) -> Hashes:
    """The numbers of nodes' stacks, heads included."""
    stack = part.trie.stack[nodes]
    return mix(_head(part), stack) if part.heads else stack


def _head(part: Part) -> np.uint64:
    """The stack of the heads."""
    return _head_stacks(part.heads)[-1] if part.heads else np.uint64(EMPTY)


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
    totals, sizes_of_heads = [], []
    sides = len(parts[0].value) if parts else 1
    for part in parts:
        total = part.value.sum(axis=1)
        nodes = int(part.trie.totals(part.own).any(axis=0).sum()) if part.heads else 0
        below = np.uint64(EMPTY)
        for depth, (name, stack) in enumerate(zip(part.heads, _head_stacks(part.heads), strict=True)):
            if total.any():
                rows.append((int(stack), int(below), frame_hash(head_frame(name)), depth))
                totals.append(total)
                sizes_of_heads.append(nodes + len(part.heads) - depth)
            below = stack
    stack_column, below_column, frame = (np.array([row[i] for row in rows], dtype=np.uint64) for i in range(3))
    total_column = np.array(totals, dtype=np.int64).reshape(-1, sides).T
    depths = np.array([row[3] for row in rows], dtype=np.int64)
    sizes = np.array(sizes_of_heads, dtype=np.int64)
    return stack_column, below_column, frame, depths, np.zeros_like(total_column), total_column, sizes


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
    size = np.r_[nodes.size[tops].sum() + 1, nodes.size[kept]]
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
