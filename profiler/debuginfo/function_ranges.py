"""Where functions begin and end, sorted, with a lookup that honours their sizes."""

import bisect
from typing import Any

import numpy as np
import numpy.typing as npt

UInts = npt.NDArray[np.unsignedinteger[Any]]

# Nested symbols (a function's own entry points) are a few deep; a bound keeps a hostile table from a linear search.
_MAX_NESTING = 8
_LARGEST = np.iinfo(np.uint32).max


class FunctionRanges:
    """Columns sorted by `start` (an address behind `base`); `size`: at most 4 GiB."""

    def __init__(self, start: UInts, size: UInts) -> None:
        self._base = int(start[0]) if len(start) else 0
        distance = start - np.uint64(self._base)
        # Hardly a file spans more than 4 GiB.
        self._start: UInts = distance.astype(np.uint32) if np.all(distance <= _LARGEST) else distance
        self._size = size.astype(np.uint32)
        # One at a time is looked up, a tenth of what numpy takes for it.
        self._starts, self._sizes = self._start.data, self._size.data

    def __len__(self) -> int:
        return len(self._start)

    @classmethod
    def none(cls) -> "FunctionRanges":
        return cls(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64))

    @property
    def nbytes(self) -> int:
        return self._start.nbytes + self._size.nbytes

    def number(self, address: int) -> int | None:
        """Which function holds the address, of nested ones the innermost. Names take longer than this."""
        distance = address - self._base
        if distance < 0:
            return None
        starts, sizes = self._starts, self._sizes
        index = bisect.bisect_right(starts, distance) - 1
        for candidate in range(index, max(index - _MAX_NESTING, -1), -1):
            if distance < starts[candidate] + sizes[candidate]:
                return candidate
        return None

    def start(self, number: int) -> int:
        return self._base + self._starts[number]

    def end(self, number: int) -> int:
        return self.start(number) + self._sizes[number]
