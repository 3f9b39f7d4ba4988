"""Blocks of bytes from a stream: bounded, unpacked. What every importer reads through."""

from collections.abc import Iterator
from itertools import chain

from profiler.core.errors import FormatError
from profiler.formats.base import BinaryStream, Limits, refuse
from profiler.formats.compression import MAGIC_BYTES, unpacked

BLOCK_BYTES = 256 * 1024


def plain_blocks(stream: BinaryStream, name: str, limits: Limits, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The file's bytes, unpacked when they are compressed, in blocks of `size`.

    Raises FormatError when there are more than `limits.input_bytes`, or the compression is damaged.
    """
    read = _bounded(_read(stream, size), "the file", name, limits.input_bytes)
    head, chunks = peek(read, MAGIC_BYTES)
    plain = _bounded(unpacked(chunks, head, name), "the file, unpacked,", name, limits.input_bytes)
    return _in_blocks(plain, size)


def whole(stream: BinaryStream, name: str, limits: Limits) -> bytes:
    """All of the file, unpacked, of formats that can't be read in parts.

    Raises FormatError when it has more than `limits.document_bytes`, or the compression is damaged.
    """
    blocks = _bounded(plain_blocks(stream, name, limits), "the file, unpacked,", name, limits.document_bytes)
    return b"".join(blocks)


def peek(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first `size` bytes (fewer when there are no more), and all chunks, those bytes included."""
    read: list[bytes] = []
    have = 0
    for chunk in chunks:
        read.append(chunk)
        have += len(chunk)
        if have >= size:
            break
    return b"".join(read)[:size], chain(read, chunks)


def _read(stream: BinaryStream, size: int) -> Iterator[bytes]:
    while chunk := stream.read(size):
        yield chunk


def _bounded(chunks: Iterator[bytes], what: str, name: str, limit: int) -> Iterator[bytes]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > limit:
            raise refuse(name, f"{what} has more than {limit:,} bytes: record for a shorter time, or filter it")
        yield chunk


def _in_blocks(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in blocks of `size`: a stream of tiny pieces must not make joining a long line quadratic."""
    parts: list[bytes] = []
    have = 0
    try:
        for chunk in chunks:
            parts.append(chunk)
            have += len(chunk)
            if have >= size:
                joined = b"".join(parts)
                full = have - have % size
                yield from (joined[start : start + size] for start in range(0, full, size))
                parts = [joined[full:]]
                have -= full
    except FormatError:
        yield b"".join(parts)  # a preview wants what came before the error
        raise
    if have:
        yield b"".join(parts)
