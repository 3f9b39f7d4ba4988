"""Leaving out what is too small to send, without losing it: each cut says how much it hides."""

from dataclasses import replace

import numpy as np

from profiler.core.tree import Cuts, Tree


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
    return _keep(tree, keep)


def _keep(tree: Tree, keep: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Tree:
    parent = parents(tree.depth)
    kept = np.flatnonzero(keep)
    new_index = np.cumsum(keep) - 1
    top_cut = np.flatnonzero(~keep & keep[parent])
    hidden_value = np.zeros(len(tree), dtype=np.int64)
    hidden_count = np.zeros(len(tree), dtype=np.int64)
    np.add.at(hidden_value, parent[top_cut], tree.total[top_cut])
    np.add.at(hidden_count, parent[top_cut], tree.size[top_cut])
    np.add.at(hidden_value, tree.cuts.node[keep[tree.cuts.node]], tree.cuts.value[keep[tree.cuts.node]])
    np.add.at(hidden_count, tree.cuts.node[keep[tree.cuts.node]], tree.cuts.count[keep[tree.cuts.node]])
    cut = np.flatnonzero(hidden_count)
    running = np.r_[0, np.cumsum(keep)]
    return replace(
        tree,
        depth=tree.depth[kept],
        frame=tree.frame[kept],
        self_value=tree.self_value[kept],
        total=tree.total[kept],
        size=running[kept + tree.size[kept]] - running[kept],
        cuts=Cuts(new_index[cut], hidden_value[cut], hidden_count[cut]),
    )


def parents(depth: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Parent of each node of a depth-first column of depths; the root is its own parent."""
    parent = np.zeros(len(depth), dtype=np.int64)
    for level in range(1, int(depth.max(initial=0)) + 1):
        above = np.flatnonzero(depth == level - 1)
        here = np.flatnonzero(depth == level)
        parent[here] = above[np.searchsorted(above, here) - 1]
    return parent
