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
    totals = np.concatenate([trie()[1] for trie in tries])
    rank = SPARE * count
    while rank < len(totals):
        totals.partition(len(totals) - rank)
        least = totals[len(totals) - rank]
        stacks = np.unique(np.concatenate([stack[total >= least] for stack, total in (trie() for trie in tries)]))
        if len(stacks) >= SPARE * count:
            first = np.zeros(2**BITS, dtype=np.bool_)
            first[stacks >> np.uint64(64 - BITS)] = True
            return Largest(stacks, first)
        # Tries have stacks in common.
        rank *= 4
    return None
