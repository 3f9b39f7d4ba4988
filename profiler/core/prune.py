"""Leaving out what is too small to send, without losing it: each cut says how much it hides."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from profiler.core.profile import Int64s
from profiler.core.tree import Cuts, Tree

Bools = npt.NDArray[np.bool_]


def prune(tree: Tree, max_nodes: int) -> Tree:
    """At most about `max_nodes` of the tree's largest nodes; the root always stays.

    The threshold is a total: a parent is never smaller than its child, so what remains is a tree. Nodes equal to the
    threshold all go or all stay, and when everything is equal only the root may remain.
    """
    if len(tree) <= max_nodes:
        return tree
    threshold = np.partition(tree.total, len(tree) - max_nodes)[len(tree) - max_nodes]
    keep = tree.total >= threshold
    if keep.sum() > max_nodes:
        keep = tree.total > threshold
    keep[0] = True
    return keep_nodes(tree, np.flatnonzero(keep))


def keep_nodes(tree: Tree, kept: Int64s) -> Tree:
    """Only these nodes, in order, the root and all above each among them. What goes is counted as cut."""
    parent = parents(tree.depth)
    keep: Bools = np.zeros(len(tree), dtype=np.bool_)
    keep[kept] = True
    new_index = np.cumsum(keep) - 1
    already = np.zeros(len(tree), dtype=np.int64)
    already[tree.cuts.node] = tree.cuts.count
    hidden_value = np.zeros(len(tree), dtype=np.int64)
    hidden_value[tree.cuts.node] = tree.cuts.value
    hidden_count = already.copy()
    top = np.flatnonzero(~keep & keep[parent])
    np.add.at(hidden_value, parent[top], tree.total[top])
    np.add.at(hidden_count, parent[top], tree.size[top] + _in_subtrees(already, top, tree.size))
    cut = np.flatnonzero(keep & (hidden_count > 0))
    return replace(
        tree,
        depth=tree.depth[kept],
        frame=tree.frame[kept],
        self_value=tree.self_value[kept],
        total=tree.total[kept],
        size=_in_subtrees(keep.astype(np.int64), kept, tree.size),
        cuts=Cuts(new_index[cut], hidden_value[cut], hidden_count[cut]),
    )


def _in_subtrees(values: Int64s, nodes: Int64s, size: Int64s) -> Int64s:
    """Sum of the values in the subtree of each of these nodes."""
    running: Int64s = np.r_[0, np.cumsum(values)]
    sums: Int64s = running[nodes + size[nodes]] - running[nodes]
    return sums


def parents(depth: Int64s) -> Int64s:
    """Parent of each node of a depth-first column of depths; the root is its own parent."""
    parent = np.zeros(len(depth), dtype=np.int64)
    # Sorted once: to look through all nodes for each level takes seconds when one stack is 65,000 deep.
    by_depth = np.argsort(depth, kind="stable")
    ends = np.cumsum(np.bincount(depth))
    above = by_depth[:1]
    for begin, end in pairwise(ends):
        here = by_depth[begin:end]
        parent[here] = above[np.searchsorted(above, here) - 1]
        above = here
    return parent
