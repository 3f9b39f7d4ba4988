"""Runs of entries in a fixed array."""

import bisect


class RangeAllocator:
    """First fit; free runs are kept sorted and merged with their neighbours."""

    def __init__(self, size: int) -> None:
        self._starts = [0]
        self._lengths = [size]
        self.free_entries = size

    @property
    def longest(self) -> int:
        """Entries of the longest free run."""
        return max(self._lengths, default=0)

    def allocate(self, length: int) -> int | None:
        """The first entry of a run, or None when no free run is long enough."""
        for i, free in enumerate(self._lengths):
            if free >= length:
                start = self._starts[i]
                if free == length:
                    del self._starts[i], self._lengths[i]
                else:
                    self._starts[i] += length
                    self._lengths[i] -= length
                self.free_entries -= length
                return start
        return None

    def release(self, start: int, length: int) -> None:
        """Give a run back, whole and once."""
        i = bisect.bisect(self._starts, start)
        self._starts.insert(i, start)
        self._lengths.insert(i, length)
        self.free_entries += length
        for left in (i, i - 1):
            if (
                left >= 0
                and left + 1 < len(self._starts)
                and self._starts[left] + self._lengths[left] == self._starts[left + 1]
            ):
                self._lengths[left] += self._lengths[left + 1]
                del self._starts[left + 1], self._lengths[left + 1]
