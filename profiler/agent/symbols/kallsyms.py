"""Kernel symbols from /proc/kallsyms."""

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from profiler.core.frame import Frame, FrameKind

KERNEL_MODULE = "[kernel]"
_KALLSYMS = Path("/proc/kallsyms")
# `address type name[\tmodule]`: sixteen hexadecimal digits, a blank, the type's letter, a blank.
_DIGITS = 16
_TYPE_AT = 17
_NAME_AT = 19
_TEXT_TYPES = np.frombuffer(b"tTwW", dtype=np.uint8)
# Functions are smaller; an address further behind the last symbol is not in it.
_MAX_FUNCTION_BYTES = 1 << 20
# A whole system's profile has some thousand; at the bound the cache starts afresh.
MAX_CACHED_ADDRESSES = 65_536


class KernelSymbols:
    """Text symbols by address. Names stay in the file's bytes and are cut out when asked for."""

    def __init__(self, addresses: npt.NDArray[np.uint64], lines: npt.NDArray[np.int64], data: bytes) -> None:
        self._addresses = addresses
        self._lines = lines
        self._data = data
        self._frames: dict[int, Frame] = {}

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """From the text of kallsyms. Lines of any other shape are ignored."""
        text = np.frombuffer(data + b"\n", dtype=np.uint8)
        ends = np.flatnonzero(text == ord("\n"))
        starts = np.concatenate(([0], ends[:-1] + 1))
        starts = starts[ends - starts > _NAME_AT]
        starts = starts[np.isin(text[starts + _TYPE_AT], _TEXT_TYPES)]
        addresses = _hexadecimal(text, starts)
        order = np.argsort(addresses, kind="stable")
        order = order[addresses[order] != 0]  # all are 0 without the right to see them (kptr_restrict)
        return cls(addresses[order], starts[order], data)

    @classmethod
    def of_running_kernel(cls) -> Self:
        """Without any symbol when the file can't be read."""
        try:
            return cls.parse(_KALLSYMS.read_bytes())
        except OSError:
            return cls.parse(b"")

    def __len__(self) -> int:
        return len(self._addresses)

    def frame(self, address: int) -> Frame:
        frame = self._frames.get(address)
        if frame is None:
            if len(self._frames) >= MAX_CACHED_ADDRESSES:
                self._frames.clear()
            frame = self._frames[address] = self._resolve(address)
        return frame

    def _resolve(self, address: int) -> Frame:
        index = int(np.searchsorted(self._addresses, np.uint64(address), side="right")) - 1
        if index < 0 or address - int(self._addresses[index]) > _MAX_FUNCTION_BYTES:
            return Frame(f"{KERNEL_MODULE}+{address:#x}", FrameKind.KERNEL, KERNEL_MODULE, offset=address)
        # Aliases: the first line of an address is the one the kernel itself would print.
        index = int(np.searchsorted(self._addresses, self._addresses[index]))
        start = int(self._lines[index]) + _NAME_AT
        end = self._data.find(b"\n", start)
        name, _, module = self._data[start : end if end >= 0 else None].decode(errors="replace").partition("\t")
        return Frame(name, FrameKind.KERNEL, module.strip("[]") or KERNEL_MODULE)


def _hexadecimal(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """The numbers that lower-case digits from these places on spell. Column by column: all at once takes 40 MB."""
    value = np.zeros(len(starts), dtype=np.uint64)
    for column in range(_DIGITS):
        digits = text[starts + column]
        value = (value << np.uint64(4)) | np.where(digits >= ord("a"), digits - (ord("a") - 10), digits - ord("0"))
    return value
