"""Functions that were looked up once, by address."""

import bisect

from profiler.debuginfo.source_frame import FunctionFrames


class FunctionIndex:
    """`size` is what it holds, in chains: about as many entries as memory would count."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._functions: list[FunctionFrames] = []
        self._without: set[int] = set()
        self.size = 0

    def put(self, address: int, function: FunctionFrames | None) -> None:
        """What a look-up of the address gave."""
        self.size += 1 if function is None else len(function.chains)
        if function is None:
            self._without.add(address)
            return
        at = bisect.bisect_left(self._starts, function.start)
        self._starts.insert(at, function.start)
        self._functions.insert(at, function)

    def knows(self, address: int) -> bool:
        """Whether it was looked up: itself, or another address of the same function."""
        return address in self._without or self.find(address) is not None

    def find(self, address: int) -> FunctionFrames | None:
        at = bisect.bisect_right(self._starts, address) - 1
        if at >= 0 and address < self._functions[at].end:
            return self._functions[at]
        return None
