"""Two selections beside each other: one tree with the values of both sides, and how much of a change chance explains.

Side 0 is the base (A, "before"), side 1 what is compared with it (B, "after"). Everything is antisymmetric: with the
sides swapped every change has the other sign and the same floor.

**Shares.** The *relative* change of a node is its share of B minus its share of A: what the sides' lengths and
numbers of hosts have no part in. The *absolute* change is B's value minus A's.

**Noise floor.** Sample counts a of A and b of B scatter like independent Poisson counts. If nothing had changed, shares
would differ with the standard error sqrt(p (1 − p) (1/A + 1/B)), p = (a + b) / (A + B) (two-proportion test), values
with sqrt(a + b). The floor is NOISE_Z of these: a change below it says nothing. Samples of one busy loop are not quite
independent, so it is a floor, not a proof. CPU time is counts times the period p of each side's samples: v = p a has
the variance p v. Values that are no samples (bytes, time that was waited) have no floor: 0.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiler.core.forest import Nodes, Part, unite
from profiler.core.identity import Hashes
from profiler.core.profile import SAMPLES, Int64s
from profiler.core.stack_trie import StackTrie, function_values

# Of a thousand frames that did not change, three seem to by chance: two-sided, 0.27 %.
NOISE_Z = 3.0
BASE, OTHER = 0, 1
Floats = npt.NDArray[np.float64]
NOTHING = StackTrie.build(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Change:
    """By node or function: B − A as values and as shares (0 to 1), each with what chance alone would give."""

    absolute: Int64s
    absolute_floor: Floats
    relative: Floats
    relative_floor: Floats


def compare(base: Sequence[Part], other: Sequence[Part]) -> Nodes:
    """The nodes of both sides: `own` and `total` are (2, nodes). The same stack of both is one node."""
    alike: dict[tuple[int, tuple[str, ...]], list[tuple[int, Part]]] = defaultdict(list)
    for side, part in [*((BASE, part) for part in base), *((OTHER, part) for part in other)]:
        # Two ranges of a day are sums over the same trie: as one part they need not be put together stack by stack.
        alike[id(part.trie), part.heads].append((side, part))
    # No part says how many sides there are.
    return unite(
        [_beside(some) for some in alike.values()] or [Part.of(NOTHING, np.zeros((2, 0), np.int64), repeated=True)]
    )


def _beside(sided: Sequence[tuple[int, Part]]) -> Part:
    """Parts over the same trie, each of a side, as one with both."""
    _, first = sided[0]
    own = np.zeros((2, len(first.trie)), dtype=np.int64)
    for side, part in sided:
        own[side, part.node] += part.value[0]
    return first.having(own)


def sums(nodes: Nodes) -> Int64s:
    """What each side has in all."""
    whole: Int64s = nodes.own.sum(axis=1)
    return whole


def change(values: Int64s, whole: Int64s, unit: str, periods: tuple[int, int] = (0, 0)) -> Change:
    """`values` is (2, n), `whole` the sides' sums. A side without anything makes every share's floor infinite.

    `periods`: what one sample of each side stands for where values are their time; 0: it is not known.
    """
    a, b = values[BASE], values[OTHER]
    sizes = np.maximum(whole, 1).astype(np.float64)
    relative = b / sizes[OTHER] - a / sizes[BASE]
    each = np.ones(2) if unit == SAMPLES else np.array(periods, dtype=np.float64)
    if not each.all():
        nothing = np.zeros(len(a))
        return Change(b - a, nothing, relative, nothing)
    counts = sizes / each
    # Rounding must not make it more than everything.
    pooled = np.minimum((a / each[BASE] + b / each[OTHER]) / counts.sum(), 1)
    scatter = np.sqrt(pooled * (1 - pooled) * (1 / counts).sum())
    floor = NOISE_Z * scatter if whole.all() else np.full(len(a), np.inf)
    return Change(b - a, NOISE_Z * np.sqrt(a * each[BASE] + b * each[OTHER]), relative, floor)


@dataclass(frozen=True)
class FunctionSides:
    """By function (numbers of content): own values and totals of both sides, each (2, functions).

    `left_out`: how many more names there are, beyond the largest changes.
    """

    frame: Hashes
    own: Int64s
    total: Int64s
    left_out: int


def function_sides(nodes: Nodes, top: int) -> FunctionSides:
    """The `top` functions with the largest change of their own share, and those with the largest of their total."""
    every = np.arange(len(nodes.parent))
    trie = StackTrie.build(nodes.parent, nodes.frame, every)
    own = np.zeros_like(nodes.own)
    own[:, trie.leaf] = nodes.own
    found = function_values(trie, own)
    whole = sums(nodes)
    moved = [np.argsort(-np.abs(change(side, whole, "").relative), kind="stable") for side in (found.own, found.total)]
    kept = np.unique(np.concatenate([order[:top] for order in moved])).astype(np.int64)
    left_out = len(found.frame) - len(kept)
    return FunctionSides(found.frame[kept], found.own[:, kept], found.total[:, kept], left_out)
