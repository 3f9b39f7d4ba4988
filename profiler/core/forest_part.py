"""A part of a forest: what lies below a path, or only whole or cut stacks."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from profiler.core.cut import Which, cut_outcome
from profiler.core.forest import Lookup, Nodes, Part
from profiler.core.profile import Int64s
from profiler.core.stack_trie import Bools


def only(parts: Sequence[Part], which: Which, lookup: Lookup) -> Sequence[Part]:
    """The parts with the values of whole stacks, or of cut ones, alone."""
    if which == "all":
        return parts
    return [part.having(np.where(_is_cut(part, lookup) == (which == "cut"), part.own, 0)) for part in parts]


def _is_cut(part: Part, lookup: Lookup) -> Bools:
    """By node: whether the frame at its root says that its callers are missing."""
    trie = part.trie
    roots = np.flatnonzero(trie.parent < 0)
    numbers, which = np.unique(trie.frame(roots), return_inverse=True)
    cut = np.array([cut_outcome(frame) is not None for frame in lookup(numbers)], dtype=np.bool_)
    return np.repeat(cut[which], trie.size[roots])


def within(parts: Sequence[Part], path: Sequence[str], lookup: Lookup) -> Sequence[Part]:
    """The parts with the values of stacks that begin with `path`, names of frames and heads with the outermost first.

    Siblings of one name are all meant; nothing has a value when it leads nowhere.
    """
    if not path:
        return parts
    return [part.having(_within(part, path, lookup)) for part in parts]


def _within(part: Part, path: Sequence[str], lookup: Lookup) -> Int64s:
    trie, heads = part.trie, len(part.heads)
    inside = np.zeros(len(trie) + 1, dtype=np.int64)
    if tuple(path[:heads]) == part.heads[: len(path)]:
        here = np.array([-1])
        for name in path[heads:]:
            here = _named(part, np.flatnonzero(np.isin(trie.parent, here)), name, lookup)
        here = here if len(path) > heads else np.flatnonzero(trie.parent < 0)
        # In depth-first order a subtree is a stretch; those of different nodes here are apart.
        inside[here] += 1
        inside[here + trie.size[here]] -= 1
    return np.where(np.cumsum(inside[:-1]) > 0, part.own, 0)


def _named(part: Part, nodes: Int64s, name: str, lookup: Lookup) -> Int64s:
    numbers, which = np.unique(part.trie.frame(nodes), return_inverse=True)
    same = np.array([frame.name == name for frame in lookup(numbers)], dtype=np.bool_)
    return nodes[same[which]]


def below(nodes: Nodes, path: Sequence[str], lookup: Lookup) -> Nodes:
    """The nodes that `path`, names of frames with the outermost first, leads to, with all below them and those above.

    Those above have what comes from below only. Siblings of one name are all meant; nothing when it leads nowhere.
    """
    if not path:
        return nodes
    steps = _steps(nodes, path, lookup)
    chosen = np.zeros(len(nodes.parent), dtype=np.bool_)
    chosen[steps[-1]] = True
    kept = chosen[_nearest(nodes.parent, chosen)]
    own, total, size = np.where(kept, nodes.own, 0), np.where(kept, nodes.total, 0), np.where(kept, nodes.size, 0)
    for callers, callees in reversed(list(pairwise(steps))):
        used = callees[total[:, callees].any(axis=0)]
        size[callers] = 1
        np.add.at(size, nodes.parent[used], size[used])
        for side in total:
            np.add.at(side, nodes.parent[used], side[used])
        kept[callers] = True
    # A caller that never calls what the path says has nothing.
    kept &= total.any(axis=0)
    new = np.cumsum(kept) - 1
    parent = np.where(nodes.parent >= 0, new[nodes.parent], -1)
    return Nodes(parent[kept], nodes.frame[kept], own[:, kept], total[:, kept], size[kept])


def _steps(nodes: Nodes, path: Sequence[str], lookup: Lookup) -> list[Int64s]:
    """The nodes that each name of the path means."""
    order = np.argsort(nodes.parent, kind="stable")
    first = np.searchsorted(nodes.parent[order], np.arange(-1, len(nodes.parent) + 1))
    steps: list[Int64s] = []
    here = np.array([-1])
    for name in path:
        # Nodes that nothing leads to don't call anything.
        children = [order[first[node + 1] : first[node + 2]] for node in here.tolist()]
        here = np.concatenate(children) if children else here
        numbers, which = np.unique(nodes.frame[here], return_inverse=True)
        same = np.array([frame.name == name for frame in lookup(numbers)], dtype=np.bool_)
        here = here[same[which]]
        steps.append(here)
    return steps


def _nearest(parent: Int64s, chosen: Bools) -> Int64s:
    """The chosen node that each is below or is itself; its root where there is none. Each round looks twice as far."""
    above = np.where(chosen | (parent < 0), np.arange(len(parent)), parent)
    while not np.array_equal(further := above[above], above):
        above = further
    return above
