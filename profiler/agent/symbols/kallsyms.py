"""Kernel symbols from /proc/kallsyms."""

import bisect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from profiler.core.frame import Frame, FrameKind
from profiler.debuginfo.packed_text import PackedText

KERNEL_MODULE = "[kernel]"
_KALLSYMS = Path("/proc/kallsyms")
# `address type name[\tmodule]`: sixteen hexadecimal digits, a blank, the type's letter, a blank.
_DIGITS = 16
_TYPE_AT = 17
_NAME_AT = 19
_IS_TEXT_TYPE = np.isin(np.arange(256), np.frombuffer(b"tTwW", dtype=np.uint8))
_NIBBLES = np.array([int(chr(c), 16) if chr(c) in "0123456789abcdef" else 0 for c in range(256)], dtype=np.uint8)
# Functions are smaller; an address further behind the last symbol is not in it.
_MAX_FUNCTION_BYTES = 1 << 20
_NOTHING = np.zeros(0, dtype=np.uint64)
# The file has megabytes; what it takes to read it is a few times this.
_PIECE_BYTES = 512 << 10
# A whole system's profile has some thousand; at the bound the cache starts afresh.
MAX_CACHED_ADDRESSES = 65_536


class KernelSymbols:
    """Text symbols by address. Names stay in the file's text, compressed, and are cut out when asked for."""

    def __init__(self, addresses: npt.NDArray[np.uint64], lines: npt.NDArray[np.uint32], text: PackedText) -> None:
        """`lines`: where in the text the line of each address begins."""
        self._addresses = addresses.data
        self._lines = lines
        self._text = text
        self._frames: dict[int, Frame] = {}
        self._functions: dict[int, Frame] = {}

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """From the text of kallsyms. Lines of any other shape are ignored."""
        return cls._of([text])

    @classmethod
    def of_running_kernel(cls) -> Self:
        """Without any symbol when the file can't be read."""
        try:
            with _KALLSYMS.open("rb") as file:
                return cls._of(_pieces(file))
        except OSError:
            return cls.parse(b"")

    @classmethod
    def _of(cls, pieces: Iterable[bytes]) -> Self:
        """Each piece has whole lines."""
        addresses, lines = [_NOTHING], [np.zeros(0, dtype=np.uint32)]
        text = PackedText.of(_found(pieces, addresses, lines))
        address, line = np.concatenate(addresses), np.concatenate(lines)
        order = np.argsort(address, kind="stable")
        order = order[address[order] != 0]  # all are 0 without the right to see them (kptr_restrict)
        return cls(address[order], line[order], text)

    def __len__(self) -> int:
        return len(self._addresses)

    def frame(self, address: int) -> Frame:
        frame = self._frames.get(address)
        if frame is None:
            if len(self._frames) >= MAX_CACHED_ADDRESSES:
                self._frames.clear()
                self._functions.clear()
            frame = self._frames[address] = self._resolve(address)
        return frame

    def _resolve(self, address: int) -> Frame:
        index = bisect.bisect_right(self._addresses, address) - 1
        if index < 0 or address - self._addresses[index] > _MAX_FUNCTION_BYTES:
            return Frame(f"{KERNEL_MODULE}+{address:#x}", FrameKind.KERNEL, KERNEL_MODULE, offset=address)
        # Aliases: the first line of an address is the one the kernel itself would print.
        index = bisect.bisect_left(self._addresses, self._addresses[index])
        function = self._functions.get(index)
        if function is None:
            function = self._functions[index] = self._function(index)
        return function

    def _function(self, index: int) -> Frame:
        line = self._text.name(int(self._lines[index]) + _NAME_AT, end=b"\n")
        name, _, module = line.decode(errors="replace").partition("\t")
        return Frame(name, FrameKind.KERNEL, module.strip("[]") or KERNEL_MODULE)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while piece := file.read(_PIECE_BYTES):
        text, newline, rest = (rest + piece).rpartition(b"\n")
        yield text + newline
    yield rest


def _found(
    pieces: Iterable[bytes], addresses: list[npt.NDArray[np.uint64]], lines: list[npt.NDArray[np.uint32]]
) -> Iterator[bytes]:
    """The pieces; what is in them is added to the lists as they pass by."""
    begun = 0
    for piece in pieces:
        text = np.frombuffer(piece + b"\n", dtype=np.uint8)
        ends = np.flatnonzero(text == ord("\n"))
        starts = np.concatenate(([0], ends[:-1] + 1))
        starts = starts[ends - starts > _NAME_AT]
        starts = starts[_IS_TEXT_TYPE[text[starts + _TYPE_AT]]]
        addresses.append(_hexadecimal(text, starts))
        lines.append((begun + starts).astype(np.uint32))
        begun += len(piece)
        yield piece


def _hexadecimal(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """The numbers that lower-case digits from these places on spell."""
    digits = _NIBBLES[text[starts[:, np.newaxis] + np.arange(_DIGITS)]]
    octets: npt.NDArray[np.uint8] = digits[:, ::2] << 4 | digits[:, 1::2]
    return octets.view(">u8").ravel().astype(np.uint64)
