"""Lines of text from a stream of bytes: bounded, unpacked, decoded. Never more than a few blocks in memory."""

import codecs
import contextlib
import io
from collections.abc import Iterator
from itertools import chain
from typing import Final

from profiler.core.errors import FormatError
from profiler.formats.base import BinaryStream, Head, Limits, Skips
from profiler.formats.blocks import BLOCK_BYTES, peek, plain_blocks

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
        blocks = plain_blocks(self._stream, self._name, self._limits, self._block_bytes)
        head, chunks = peek(blocks, len(codecs.BOM_UTF8))
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


def preview(head: bytes, limits: Limits, *, whole: bool) -> Head:
    """What a file's first bytes are, for sniffing. Text is without a cut last line, unless that is the only one."""
    lines: list[str] = []
    try:
        for _, line in LineReader(io.BytesIO(head), "", limits, Skips()):
            lines.append(line)
    except FormatError:
        whole = False  # compressed data, cut by us; if it is damaged, the importer will say so
    if not whole and len(lines) > 1:
        lines.pop()
    text = "\n".join(lines)
    return Head(_unpacked(head, limits), "" if "\0" in text else text)


def _unpacked(head: bytes, limits: Limits) -> bytes:
    blocks: list[bytes] = []
    with contextlib.suppress(FormatError):  # cut by us, as above
        blocks.extend(plain_blocks(io.BytesIO(head), "", limits))
    return b"".join(blocks)


def _dropped(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        if rest := chunk[size:] if size else chunk:
            yield rest
        size = max(0, size - len(chunk))
