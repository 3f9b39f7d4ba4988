"""Every function's values over time at once, from sums by stack and bucket.

A trie has ten nodes for each stack, but what runs through a node is the stacks of a stretch of the depth-first order,
and there are at most two different stretches for each stack: one running sum over the stacks gives them all.
"""

import numpy as np

from profiler.core.profile import Int64s
from profiler.core.stack_trie import FunctionValues, StackTrie
from profiler.core.trie import AnyInts

# Rows of a trie's nodes that are added up at once: 8,192 rows of 144 buckets are 9 MB, which stay in a CPU's cache.
NODES_AT_ONCE = 8192


def function_series(trie: StackTrie, stack: AnyInts, bucket: AnyInts, value: Int64s, buckets: int) -> FunctionValues:
    """Own value and total by (function, bucket), of rows of stack id, bucket (below `buckets`) and value."""
    functions = trie.functions()
    if not len(functions.frame):
        nothing = np.zeros((0, buckets), dtype=np.int64)
        return FunctionValues(functions.frame, nothing, nothing)
    spans = trie.spans(functions)
    # Row s + 1 is stack s in depth-first order; cumulated, row s is all before it.
    running = np.zeros((len(spans.place) + 1, buckets), dtype=np.int64)
    np.add.at(running.reshape(-1), (spans.place[stack] + 1) * buckets + bucket, value)
    own = np.zeros((len(functions.frame), buckets), dtype=np.int64)
    np.add.at(own, functions.of_node[trie.leaf[spans.stack]], running[1:])
    np.cumsum(running, axis=0, out=running)
    through = running[spans.end] - running[spans.begin]
    return FunctionValues(functions.frame, own, _added(through, spans.of_node, functions.start))


def _added(through: Int64s, row: Int64s, start: Int64s) -> Int64s:
    """Sums of rows of `through`: of `row[start[f] : start[f + 1]]` for every function f."""
    total = np.empty((len(start), through.shape[1]), dtype=np.int64)
    ends = np.append(start[1:], len(row))
    first = 0
    while first < len(start):
        # As many functions as fit; one that alone does not is taken whole.
        last = max(first + 1, int(np.searchsorted(ends, start[first] + NODES_AT_ONCE, side="right")))
        rows = row[start[first] : ends[last - 1]]
        total[first:last] = np.add.reduceat(through[rows], start[first:last] - start[first], axis=0)
        first = last
    return total
