"""The stacks of a dictionary as a trie in depth-first order: sums by stack become totals with one cumulative sum."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from profiler.core.identity import Hashes, stack_hashes
from profiler.core.profile import Int64s
from profiler.core.trie import AnyInts, depth_first

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StackTrie:
    """Columns in depth-first order: the subtree of node i is `i : i + size[i]`, its parent stands before it (−1: none).

    `frame` and `stack` are numbers of content (core/identity.py), `leaf` is the node of each dense stack id.
    """

    parent: Int64s
    depth: Int64s
    size: Int64s
    frame: Hashes
    stack: Hashes
    leaf: Int64s

    @classmethod
    def build(cls, parent: AnyInts, frame: Hashes, leaf: AnyInts) -> "StackTrie":
        """From a trie in any order: `parent` by node, `frame` by node, `leaf` by stack id."""
        order = depth_first(parent, np.zeros(len(parent), dtype=np.int64))
        source = np.empty(len(parent), dtype=np.int64)
        source[order.position] = np.arange(len(parent))
        above = parent[source].astype(np.int64)
        moved = np.where(above >= 0, order.position[above], -1) if len(parent) else above
        stacks = stack_hashes(parent, frame)
        columns = order.depth[source], order.size[source], frame[source], stacks[source]
        return cls(moved, *columns, leaf=order.position[leaf].astype(np.int64))

    def __len__(self) -> int:
        return len(self.parent)

    @property
    def nbytes(self) -> int:
        columns = (self.parent, self.depth, self.size, self.frame, self.stack, self.leaf)
        return sum(column.nbytes for column in columns) + 2 * len(self)

    def own(self, stack: AnyInts, value: Int64s) -> Int64s:
        """Each node's own value, from sums by stack id."""
        own = np.zeros(len(self), dtype=np.int64)
        np.add.at(own, self.leaf[stack], value)
        return own

    def totals(self, own: Int64s) -> Int64s:
        """Each node's value with everything above it. `own` may have leading dimensions; nodes are the last."""
        running = np.cumsum(own, axis=-1)
        before = running - own
        ends: Int64s = np.arange(len(self)) + self.size - 1
        return running[..., ends] - before

    @cached_property
    def outermost(self) -> Bools:
        """Nodes below which their own function does not run: where a recursive function is counted once."""
        _, function = np.unique(self.frame, return_inverse=True)
        order = np.lexsort((np.arange(len(self)), function))
        # Subtrees of one function nest or are apart: one that begins before the furthest end so far is inside.
        base = function[order].astype(np.int64) * (len(self) + 1)
        furthest = np.maximum.accumulate(base + order + self.size[order])
        first = np.ones(len(self), dtype=np.bool_)
        first[order[1:]] = base[1:] + order[1:] >= furthest[:-1]
        return first


@dataclass(frozen=True)
class FunctionValues:
    """By function (`frame` numbers, ascending): its own value, and that with all it called. Functions come last."""

    frame: Hashes
    own: Int64s
    total: Int64s


def function_values(trie: StackTrie, own: Int64s) -> FunctionValues:
    """Self and total of each function; a stack counts once in a total however often the function is on it.

    `own` is by node, or by (bucket, node): then every function's series comes out at once.
    """
    frames, start, order = _by_function(trie.frame)
    if not len(frames):
        return FunctionValues(frames, own, own)
    counted = np.where(trie.outermost, trie.totals(own), 0)
    return FunctionValues(
        frames, np.add.reduceat(own[..., order], start, axis=-1), np.add.reduceat(counted[..., order], start, axis=-1)
    )


def _by_function(frame: Hashes) -> tuple[Hashes, Int64s, Int64s]:
    order = np.argsort(frame, kind="stable")
    frames, start = np.unique(frame[order], return_index=True)
    return frames, start.astype(np.int64), order.astype(np.int64)
