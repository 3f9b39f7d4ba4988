"""What the server has names of already, as far as this process remembers: the rest is sent, again if need be."""

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from profiler.core.identity import Hashes

# 8 bytes each: the stacks of 100 services of 50,000 nodes are 40 MB.
MAX_KNOWN = 8_000_000
# Epoch and subject; subject ALL for frames.
Key = tuple[int, int]
Places = npt.NDArray[np.intp]
ALL = -1


class Known:
    """Numbers of content by key. The keys that were longest not asked for are forgotten when there are too many."""

    def __init__(self, limit: int = MAX_KNOWN) -> None:
        self._limit = limit
        self._sorted: OrderedDict[Key, Hashes] = OrderedDict()

    def unknown(self, key: Key, numbers: Hashes) -> Places:
        """Places of the numbers that are not known, each number once."""
        known = self._sorted.get(key)
        distinct, first = np.unique(numbers, return_index=True)
        if known is None or not len(known):
            return np.sort(first)
        place = np.minimum(np.searchsorted(known, distinct), len(known) - 1)
        return np.sort(first[known[place] != distinct])

    def add(self, key: Key, numbers: Hashes) -> None:
        before = self._sorted.pop(key, np.zeros(0, dtype=np.uint64))
        self._sorted[key] = np.union1d(before, numbers)
        while sum(map(len, self._sorted.values())) > self._limit and len(self._sorted) > 1:
            self._sorted.popitem(last=False)
