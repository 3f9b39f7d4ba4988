"""The part of a tree that a whole picture of it shows: what a browser gets first of a large one.

Its message has two more sections than a tree's, `place` (the node's number in the whole tree) and `start` (where its
left edge is: what was left out keeps its room), and says in the header how many nodes the whole has.
static/js/core/part.js makes parts of the same form.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core import wire
from profiler.core.profile import Int64s
from profiler.core.prune import keep_nodes, parents
from profiler.core.tree import Tree

# A frame of this share of the whole is a fifth of a pixel wide in a window of 1,600, half of one on the widest screens.
PIXELS = 8192
# Smaller trees are sent whole: their 300 kB are less than what asking twice costs.
WHOLE_NODES = 20_000


def encode_overview(tree: Tree) -> bytes:
    """The wire message of the nodes that can be seen, or of the whole tree if it is small."""
    return wire.encode(tree) if len(tree) <= WHOLE_NODES else encode_part(tree, PIXELS)


def encode_part(tree: Tree, pixels: int) -> bytes:
    """The wire message of the nodes that have one of so many pixels."""
    place = np.flatnonzero(tree.total * float(pixels) >= tree.total[0])
    part = keep_nodes(tree, place)
    sections = {"place": place.astype("<u4"), "start": _fitting(_starts(tree, place, part))}
    return wire.encode(part, {"whole_nodes": len(tree)}, sections)


def _starts(tree: Tree, place: Int64s, part: Tree) -> Int64s:
    """Left edges: all own values before a node, but for those of its callers, which lie to the right."""
    own = tree.self_value.copy()
    np.add.at(own, tree.cuts.node, tree.cuts.value)
    before = np.cumsum(own) - own
    parent = parents(part.depth)
    above = np.zeros(len(place), dtype=np.int64)
    for level in range(1, int(part.depth.max(initial=0)) + 1):
        nodes = np.flatnonzero(part.depth == level)
        above[nodes] = above[parent[nodes]] + own[place[parent[nodes]]]
    starts: Int64s = before[place] - above
    return starts


def _fitting(column: Int64s) -> npt.NDArray[Any]:
    return column.astype("<u4" if int(column.max(initial=0)) < 2**32 else "<f8")
