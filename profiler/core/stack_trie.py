"""The stacks of a dictionary as a trie in depth-first order: sums by stack become totals with one cumulative sum."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.identity import Hashes, stack_hashes
from profiler.core.profile import Int32s, Int64s
from profiler.core.trie import AnyInts, depth_first

Bools = npt.NDArray[np.bool_]
Unsigned = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class StackTrie:
    """Columns in depth-first order: the subtree of node i is `i : i + size[i]`, its parent stands before it (−1: none).

    `stack` and `frames` are numbers of content (core/identity.py): of each node, and of the distinct frames, ascending;
    `which` of these each node is. `leaf` is the node of each dense stack id. Tries of hundreds of services are kept in
    memory: `depth` and `which` are as narrow as they can be, mostly 16 bits, so that a node takes 20 bytes.
    """

    parent: Int32s
    depth: Unsigned
    size: Int32s
    frames: Hashes
    which: Unsigned
    stack: Hashes
    leaf: Int32s

    @classmethod
    def build(cls, parent: AnyInts, frame: Hashes, leaf: AnyInts) -> "StackTrie":
        """From a trie in any order: `parent` by node, `frame` by node, `leaf` by stack id."""
        order = depth_first(parent, np.zeros(len(parent), dtype=np.int64))
        source = np.empty(len(parent), dtype=np.int64)
        source[order.position] = np.arange(len(parent))
        callers = parent[source].astype(np.int64)
        moved = np.where(callers >= 0, order.position[callers], -1) if len(parent) else callers
        stacks = stack_hashes(parent, frame)
        frames, which = np.unique(frame[source], return_inverse=True)
        above, size, leaves = (column.astype(np.int32) for column in (moved, order.size[source], order.position[leaf]))
        return cls(above, _narrow(order.depth[source]), size, frames, _narrow(which), stacks[source], leaves)

    def __len__(self) -> int:
        return len(self.parent)

    @property
    def nbytes(self) -> int:
        columns = (self.parent, self.depth, self.size, self.frames, self.which, self.stack, self.leaf)
        return sum(column.nbytes for column in columns)

    def frame(self, nodes: AnyInts) -> Hashes:
        """The frame's number at each of these nodes."""
        return self.frames[self.which[nodes]]

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

    def outermost(self, function: Unsigned) -> Bools:
        """Nodes below which their own function does not run: where a recursive function is counted once."""
        order = np.lexsort((np.arange(len(self)), function))
        # Subtrees of one function nest or are apart: one that begins before the furthest end so far is inside.
        base = function[order].astype(np.int64) * (len(self) + 1)
        furthest = np.maximum.accumulate(base + order + self.size[order])
        first = np.ones(len(self), dtype=np.bool_)
        first[order[1:]] = base[1:] + order[1:] >= furthest[:-1]
        return first

    def functions(self) -> "Functions":
        """Made anew each time: it is as large as the trie, and some 20 ms of a question for functions alone."""
        nodes = np.flatnonzero(self.outermost(self.which))
        nodes = nodes[np.argsort(self.which[nodes], kind="stable")]
        start = np.searchsorted(self.which[nodes], np.arange(len(self.frames)))
        return Functions(self.frames, self.which, nodes, nodes + self.size[nodes], start)

    def spans(self, functions: "Functions") -> "Spans":
        stack = np.argsort(self.leaf, kind="stable")
        place = np.empty(len(stack), dtype=np.int64)
        place[stack] = np.arange(len(stack))
        ordered = self.leaf[stack]
        begin = np.searchsorted(ordered, functions.node)
        end = np.searchsorted(ordered, functions.end)
        base = len(stack) + 1
        distinct, of_node = np.unique(begin * base + end, return_inverse=True)
        return Spans(stack, place, distinct // base, distinct % base, of_node)


def _narrow(column: Int64s) -> Unsigned:
    """Values of at least 0 in no more bits than the largest of them needs."""
    return column.astype(np.min_scalar_type(int(column.max(initial=0))))


@dataclass(frozen=True)
class Spans:
    """The stacks of a trie in depth-first order, and which of them run through each outermost node of `Functions`.

    `stack` are ids in that order, `place` its inverse. Different stretches of it are `begin : end`; `of_node` tells
    which one each of the nodes of `Functions.node` has.
    """

    stack: Int64s
    place: Int64s
    begin: Int64s
    end: Int64s
    of_node: Int64s


@dataclass(frozen=True)
class Functions:
    """The functions of a trie: `frame` numbers, ascending; `of_node` which one each node is.

    `node` are the outermost nodes by function, the subtree of each ends before `end`; function f's begin at `start[f]`.
    """

    frame: Hashes
    of_node: Unsigned
    node: Int64s
    end: Int64s
    start: Int64s


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
    functions = trie.functions()
    by_function = np.zeros((*own.shape[:-1], len(functions.frame)), dtype=np.int64)
    if not len(functions.frame):
        return FunctionValues(functions.frame, by_function, by_function)
    running = np.zeros((*own.shape[:-1], len(trie) + 1), dtype=np.int64)
    np.cumsum(own, axis=-1, out=running[..., 1:])
    through = running[..., functions.end] - running[..., functions.node]
    used = np.nonzero(own)
    np.add.at(by_function, (*used[:-1], functions.of_node[used[-1]]), own[used])
    return FunctionValues(functions.frame, by_function, np.add.reduceat(through, functions.start, axis=-1))
