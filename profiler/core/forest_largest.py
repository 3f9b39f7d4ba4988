"""Which stacks of many tries are the largest, without making one trie of all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from profiler.core.identity import Hashes
from profiler.core.profile import Int64s
from profiler.core.stack_trie import Bools

# Candidates for each node that is shown: a stack of several tries is larger than in any of them.
SPARE = 2
# Numbers of content by their first bits: most of those that are not wanted are told by these alone.
BITS = 20
# Totals that are kept, beyond those that may do: looking at all tries once more takes longer than keeping them.
AT_ONCE = 4


@dataclass(frozen=True)
class Largest:
    """Stacks by their numbers, ascending; with a stack its callers are in it. `first` are their first BITS bits."""

    stack: Hashes
    first: Bools

    def has(self, stack: Hashes) -> Bools:
        found: Bools = self.first[stack >> np.uint64(64 - BITS)]
        likely = np.flatnonzero(found)
        place = np.minimum(np.searchsorted(self.stack, stack[likely]), len(self.stack) - 1)
        found[likely] = self.stack[place] == stack[likely]
        return found


def largest(tries: Sequence[Callable[[], tuple[Hashes, Int64s]]], count: int) -> Largest | None:
    """At least `SPARE * count` different stacks with the largest totals in one trie; None when that is all there are.

    `tries` give stacks and their totals, each time anew: all stacks of a fleet at once are tens of megabytes.
    """
    rank = SPARE * count
    while rank < len(totals := _largest_totals(tries, rank * AT_ONCE)):
        while rank < len(totals):
            least = totals[len(totals) - rank]
            stacks = np.unique(np.concatenate([stack[total >= least] for stack, total in (trie() for trie in tries)]))
            if len(stacks) >= SPARE * count:
                return Largest(stacks, _first_bits(stacks))
            # Tries have stacks in common.
            rank *= 4
    return None


def _largest_totals(tries: Sequence[Callable[[], tuple[Hashes, Int64s]]], count: int) -> Int64s:
    """The `count` largest, ascending."""
    kept = np.zeros(0, dtype=np.int64)
    for trie in tries:
        kept = np.concatenate([kept, trie()[1]])
        if len(kept) > count:
            kept = np.partition(kept, len(kept) - count)[len(kept) - count :]
    kept.sort()
    return kept


def _first_bits(stacks: Hashes) -> Bools:
    first = np.zeros(2**BITS, dtype=np.bool_)
    first[stacks >> np.uint64(64 - BITS)] = True
    return first
