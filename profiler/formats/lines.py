"""Lines of text from a stream of bytes: bounded, unpacked, decoded. Never more than a few blocks in memory."""

import codecs
import io
from collections.abc import Iterator
from itertools import chain
from typing import Final

from profiler.core.errors import FormatError
from profiler.formats.base import BinaryStream, Limits, Skips, refuse
from profiler.formats.compression import MAGIC_BYTES, unpacked

BLOCK_BYTES: Final = 256 * 1024
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

REPLACED: Final = "bytes that are not UTF-8, shown as �"
REPLACED_UTF16: Final = "code units that are not UTF-16, shown as �"


class LineReader:
    """Iterates over (line number, line without its end). LF and CRLF; UTF-8, or UTF-16 with a byte order mark.

    A line over `limits.line_bytes` is skipped, counted in `skips` and still numbered.
    Raises FormatError when the stream goes over `limits.input_bytes` or its compression is damaged.
    """

    def __init__(self, stream: BinaryStream, name: str, limits: Limits, skips: Skips) -> None:
        self._stream, self._name, self._limits, self._skips = stream, name, limits, skips
        # Not larger than a line may be: so a line within one block is never too long.
        self._block_bytes = min(BLOCK_BYTES, limits.line_bytes)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number = 0
        for block in self._blocks():
            if block is None:
                number += 1
                self._skips.add(f"line longer than {self._limits.line_bytes:,} bytes", number)
                continue
            text = self._decode(block)
            if "\r" in text:
                text = text.replace("\r\n", "\n").removesuffix("\r")
            for line in text.removesuffix("\n").split("\n"):
                number += 1
                yield number, line

    def _decode(self, block: bytes) -> str:
        try:
            return block.decode()
        except UnicodeDecodeError:
            text = block.decode(errors="replace")
            # A file may hold U+FFFD itself, well encoded: that is not ours.
            self._skips.counts[REPLACED] += text.count("\ufffd") - block.count("\ufffd".encode())
            return text

    def _blocks(self) -> Iterator[bytes | None]:
        """Whole lines as UTF-8; None for a line that is too long."""
        carry, too_long = b"", False
        for chunk in self._utf8():
            first_line, newline, rest = chunk.partition(b"\n")
            too_long = too_long or len(carry) + len(first_line) > self._limits.line_bytes
            carry = b"" if too_long else carry + first_line
            if not newline:
                continue
            yield None if too_long else carry + newline
            last = rest.rfind(b"\n") + 1
            if last:
                yield rest[:last]
            carry, too_long = rest[last:], False
        if too_long:
            yield None
        elif carry:
            yield carry

    def _utf8(self) -> Iterator[bytes]:
        head, chunks = _peek(self._plain(), len(codecs.BOM_UTF8))
        encoding = _UTF16.get(head[:2])
        if encoding is not None:
            return self._transcoded(chunks, encoding)
        return chain([head.removeprefix(codecs.BOM_UTF8)], _dropped(chunks, len(head)))

    def _transcoded(self, chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        first = True
        for chunk in chain(chunks, [b""]):
            text = decoder.decode(chunk, final=not chunk)
            if first and text:
                text, first = text[1:], False  # the byte order mark
            if "\ufffd" in text:
                self._skips.counts[REPLACED_UTF16] += text.count("\ufffd")
            yield text.encode(errors="replace")

    def _plain(self) -> Iterator[bytes]:
        head, chunks = _peek(self._bounded(self._read(), "the file"), MAGIC_BYTES)
        return _in_blocks(self._bounded(unpacked(chunks, head, self._name), "the file, unpacked,"), self._block_bytes)

    def _read(self) -> Iterator[bytes]:
        while chunk := self._stream.read(self._block_bytes):
            yield chunk

    def _bounded(self, chunks: Iterator[bytes], what: str) -> Iterator[bytes]:
        seen, limit = 0, self._limits.input_bytes
        for chunk in chunks:
            seen += len(chunk)
            if seen > limit:
                raise refuse(
                    self._name, f"{what} has more than {limit:,} bytes: record for a shorter time, or filter it"
                )
            yield chunk


def preview(head: bytes, limits: Limits, *, whole: bool) -> str:
    """The text of a file's first bytes, for sniffing; without a cut last line, unless it is the only one."""
    lines: list[str] = []
    try:
        for _, line in LineReader(io.BytesIO(head), "", limits, Skips()):
            lines.append(line)
    except FormatError:
        whole = False  # compressed data, cut by us; if it is damaged, the importer will say so
    if not whole and len(lines) > 1:
        lines.pop()
    return "\n".join(lines)


def _peek(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first `size` bytes (fewer when there are no more), and all chunks, those bytes included."""
    read: list[bytes] = []
    have = 0
    for chunk in chunks:
        read.append(chunk)
        have += len(chunk)
        if have >= size:
            break
    return b"".join(read)[:size], chain(read, chunks)


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
                whole = have - have % size
                yield from (joined[start : start + size] for start in range(0, whole, size))
                parts = [joined[whole:]]
                have -= whole
    except FormatError:
        yield b"".join(parts)  # a preview wants what came before the error
        raise
    if have:
        yield b"".join(parts)


def _dropped(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        if rest := chunk[size:] if size else chunk:
            yield rest
        size = max(0, size - len(chunk))
