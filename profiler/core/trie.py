"""Columns of a trie of stacks in depth-first order. The numpy passes that merging, trees and diffs share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
AnyInts = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Order:
    """A depth-first numbering of a trie's nodes.

    `position[i]` is where node i stands, `depth[i]` its distance from its root (0), `size[i]` the nodes of its subtree.
    In depth-first order a subtree is the slice `position : position + size`.
    """

    position: Ints
    depth: Ints
    size: Ints


def levels(parent: AnyInts, rank: AnyInts | None = None) -> Iterator[Ints]:
    """The nodes of each depth, roots first; siblings stand together, in order of `rank` (default: of number)."""
    count = len(parent)
    order = np.lexsort((np.arange(count) if rank is None else rank, parent))
    # Children of node p are order[first[p + 1] : first[p + 2]]; of the roots (-1) order[first[0] : first[1]].
    first = np.searchsorted(parent[order], np.arange(-1, count + 1))
    nodes = order[: first[1]] if count else order
    while len(nodes):
        yield nodes
        low = first[nodes + 1]
        many = first[nodes + 2] - low
        nodes = order[np.repeat(low - (np.cumsum(many) - many), many) + np.arange(many.sum())]


def depth_first(parent: AnyInts, rank: AnyInts) -> Order:
    """Number nodes depth first, siblings by ascending `rank` (one rank per node, e.g. of its frame's name)."""
    count = len(parent)
    by_level = list(levels(parent, rank))
    depth = np.zeros(count, dtype=np.int64)
    size = np.ones(count, dtype=np.int64)
    for level in range(len(by_level) - 1, 0, -1):
        depth[by_level[level]] = level
        np.add.at(size, parent[by_level[level]], size[by_level[level]])
    position = np.zeros(count, dtype=np.int64)
    for nodes in by_level:
        above = parent[nodes].astype(np.int64)
        # Offset among siblings: running sum of the sizes before, minus what came before the first sibling.
        before = np.cumsum(size[nodes]) - size[nodes]
        first = np.r_[True, above[1:] != above[:-1]]
        base = before[first][np.cumsum(first) - 1]
        position[nodes] = np.where(above >= 0, position[above] + 1, 0) + before - base
    return Order(position, depth, size)
