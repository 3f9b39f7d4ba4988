"""Bytes as they come → lines, however they are cut, and none longer than a bound."""

from collections.abc import Iterator

# A map of 4,096 stacks in one line is 4 MB.
MAX_LINE_BYTES = 8 * 2**20


class LineSplitter:
    """`too_long` counts lines that were left out."""

    def __init__(self, max_bytes: int = MAX_LINE_BYTES) -> None:
        self._max = max_bytes
        self._begun = bytearray()
        self._skipping = False
        self.too_long = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Lines that ended in this chunk, without their ends."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line = self._with_begun(piece)
            if line is not None:
                yield line
        self._begin(rest)

    def last(self) -> Iterator[bytes]:
        """What came without an end."""
        line = self._with_begun(b"")
        if line:
            yield line

    def _with_begun(self, piece: bytes) -> bytes | None:
        if self._skipping:
            self._skipping = False
            return None
        if not self._begun:
            whole = piece
        else:
            whole = bytes(self._begun) + piece
            self._begun.clear()
        if len(whole) > self._max:
            self.too_long += 1
            return None
        return whole

    def _begin(self, rest: bytes) -> None:
        if self._skipping:
            return
        self._begun += rest
        if len(self._begun) > self._max:
            self.too_long += 1
            self._skipping = True
            self._begun.clear()
