"""Writing a BPF array through memory: no system call per entry."""

import mmap
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

# What is being written counts as our memory, twice.
_PIECE_BYTES = 256 << 10


class Entries(Protocol):
    """An array, or something that reads its parts from elsewhere."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> npt.NDArray[Any]: ...


class MappedArray:
    """An array map with BPF_F_MMAPABLE. Only the part being written is mapped: a mapping counts as our memory."""

    def __init__(self, map_fd: int, entry_bytes: int, entries: int) -> None:
        self._fd = map_fd
        self._entry_bytes = entry_bytes
        self.entries = entries

    def write(self, first: int, values: Entries) -> None:
        """Store `values` from entry `first` on. Raises OSError."""
        step = _PIECE_BYTES // self._entry_bytes
        for done in range(0, len(values), step):
            self._write_piece(first + done, values[done : done + step])

    def _write_piece(self, first: int, values: npt.NDArray[np.generic]) -> None:
        start, size = first * self._entry_bytes, values.nbytes
        page_start = start // mmap.PAGESIZE * mmap.PAGESIZE
        with mmap.mmap(self._fd, start + size - page_start, offset=page_start) as memory:
            memory[start - page_start :] = values.tobytes()
