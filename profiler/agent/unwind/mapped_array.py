"""Writing a BPF array through memory: no system call per entry."""

import mmap

import numpy as np
import numpy.typing as npt


class MappedArray:
    """An array map with BPF_F_MMAPABLE. Only the part being written is mapped: a mapping counts as our memory."""

    def __init__(self, map_fd: int, entry_bytes: int, entries: int) -> None:
        self._fd = map_fd
        self._entry_bytes = entry_bytes
        self.entries = entries

    def write(self, first: int, values: npt.NDArray[np.generic]) -> None:
        """Store `values` from entry `first` on. Raises OSError."""
        start, size = first * self._entry_bytes, values.nbytes
        if not size:
            return
        page_start = start // mmap.PAGESIZE * mmap.PAGESIZE
        with mmap.mmap(self._fd, start + size - page_start, offset=page_start) as memory:
            memory[start - page_start :] = values.tobytes()
