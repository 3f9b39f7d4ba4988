"""gzip and zstd, unpacked piece by piece so that a bomb costs no more memory than an honest file."""

import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import zstandard

from profiler.formats.base import refuse

# A piece of input unpacks to at most 8 MiB in zstd (4 bytes of it can stand for 128 KiB), to 256 KiB in gzip.
PIECE_BYTES: Final = 256
# What the zstd tool itself refuses without --long: a frame may not ask for more memory than this.
ZSTD_WINDOW_BYTES: Final = 128 * 2**20
MAGIC_BYTES: Final = 4


class _Decompressor(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def _gzip() -> _Decompressor:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _zstd() -> _Decompressor:
    return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()


_KINDS: Final[tuple[tuple[bytes, str, Callable[[], _Decompressor]], ...]] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
)


def unpacked(chunks: Iterator[bytes], head: bytes, name: str) -> Iterator[bytes]:
    """`chunks` as they are, or unpacked when `head` (their first bytes) has a magic number that we know.

    Raises FormatError for damaged data, and for data that ends before its end mark.
    """
    for magic, kind, new in _KINDS:
        if head.startswith(magic):
            return _decompressed(chunks, kind, new, name)
    return chunks


def _decompressed(chunks: Iterator[bytes], kind: str, new: Callable[[], _Decompressor], name: str) -> Iterator[bytes]:
    decompressor = new()
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE_BYTES):
            data = chunk[start : start + PIECE_BYTES]
            while data:
                if decompressor.eof:  # another member follows; zeros between members are padding of tapes and blocks
                    data = data.lstrip(b"\0")
                    decompressor = new() if data else decompressor
                    continue
                try:
                    yield decompressor.decompress(data)
                except (zlib.error, zstandard.ZstdError) as error:
                    raise refuse(
                        name, f"the {kind} data is damaged ({error}): copy or upload the file again"
                    ) from error
                data = decompressor.unused_data if decompressor.eof else b""
    if not decompressor.eof:
        raise refuse(name, f"the {kind} data ends in the middle, the file was cut: copy or upload it again")
