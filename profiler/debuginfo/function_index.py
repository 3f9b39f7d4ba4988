"""Functions that were looked up once, by address."""

import bisect
from collections.abc import Iterable, Iterator

from profiler.debuginfo.source_frame import FunctionFrames


class FunctionIndex:
    """Not thread-safe. `size` counts pieces of code: what an index takes in memory is proportional to it."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._functions: list[FunctionFrames] = []
        self._without: set[int] = set()
        self.size = 0

    def __iter__(self) -> Iterator[FunctionFrames]:
        return iter(self._functions)

    def learn(self, addresses: Iterable[int], functions: Iterable[FunctionFrames]) -> None:
        """What a look-up of the addresses gave: those that are in none of the functions are in none at all."""
        for function in functions:
            if self.find(function.start) is None:
                self.add(function)
        missing = [address for address in addresses if self.find(address) is None]
        self._without.update(missing)
        self.size += len(missing)

    def add(self, function: FunctionFrames) -> None:
        at = bisect.bisect_left(self._starts, function.start)
        self._starts.insert(at, function.start)
        self._functions.insert(at, function)
        self.size += len(function.chains)

    def knows(self, address: int) -> bool:
        """Whether it was looked up: itself, or another address of the same function."""
        return address in self._without or self.find(address) is not None

    def find(self, address: int) -> FunctionFrames | None:
        at = bisect.bisect_right(self._starts, address) - 1
        if at >= 0 and address < self._functions[at].end:
            return self._functions[at]
        return None
