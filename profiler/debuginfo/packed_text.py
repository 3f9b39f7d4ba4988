"""A file's names, kept compressed: of a large library's megabytes of names a profile needs some hundred."""

import threading
from collections.abc import Iterable, Iterator
from typing import Self

import numpy as np
import numpy.typing as npt
import zstandard

# One name costs unpacking one block: 7 µs. C++ names shrink to a fifth; 64 KiB would save little more and take 40 µs.
BLOCK_BYTES = 8192
_LEVEL = 3
# Demanglers are given less (MAX_MANGLED_LENGTH); a text without any NUL byte must not be unpacked whole.
MAX_NAME_BYTES = BLOCK_BYTES

_OF_THREAD = threading.local()


class PackedText:
    """Immutable. `blocks` are the compressed ones behind each other, `ends` where each of them ends."""

    def __init__(self, blocks: bytes, ends: npt.NDArray[np.uint32]) -> None:
        self._blocks = blocks
        self._ends = ends

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> Self:
        """From the text in pieces of any length."""
        compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        packed, ends = bytearray(), []
        for block in _blocks(pieces):
            packed += compress(block)
            ends.append(len(packed))
        return cls(bytes(packed), np.array(ends, dtype=np.uint32))

    @property
    def nbytes(self) -> int:
        return len(self._blocks) + self._ends.nbytes

    def name(self, at: int, end: bytes = b"\0") -> bytes:
        """The bytes from `at` up to `end`, at most MAX_NAME_BYTES; empty behind the text."""
        number, start = divmod(at, BLOCK_BYTES)
        text = self._block(number)
        if text.find(end, start) < 0:
            text += self._block(number + 1)
        return text[start : start + MAX_NAME_BYTES].partition(end)[0]

    def _block(self, number: int) -> bytes:
        if number >= len(self._ends):
            return b""
        start = int(self._ends[number - 1]) if number else 0
        block = self._blocks[start : int(self._ends[number])]
        return _decompressor().decompress(block, max_output_size=BLOCK_BYTES)


def _decompressor() -> zstandard.ZstdDecompressor:
    """One per thread, which may not share one: making it takes several times what unpacking a block takes."""
    made: zstandard.ZstdDecompressor | None = getattr(_OF_THREAD, "decompressor", None)
    if made is None:
        made = _OF_THREAD.decompressor = zstandard.ZstdDecompressor()
    return made


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        text = rest + piece
        whole = len(text) // BLOCK_BYTES * BLOCK_BYTES
        yield from (text[start : start + BLOCK_BYTES] for start in range(0, whole, BLOCK_BYTES))
        rest = text[whole:]
    if rest:
        yield rest
