"""Reads a BPF ring buffer through its memory mapping: no callback and no system call per record.

The kernel's layout (Documentation/bpf/ringbuf.rst): one page with the consumer's position, one page with the
producer's, then the data mapped twice in a row so that a record never wraps. Each record has an eight-byte header:
u32 length with two flag bits, u32 page offset.
"""

import mmap
import struct
import time
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

_BUSY = 1 << 31
_DISCARDED = 1 << 30
_LENGTH = _DISCARDED - 1
_HEADER = struct.Struct("<II")
_PAGE = mmap.PAGESIZE
# A program that writes a record is not interrupted for longer than this, unless the whole machine is.
_PATIENCE_S = 0.05
_PAUSE_S = 0.0005
T = TypeVar("T")


class Ring(ABC, Generic[T]):
    """`map_fd` is a BPF_MAP_TYPE_RINGBUF of `size` bytes (a power of two)."""

    def __init__(self, map_fd: int, size: int) -> None:
        self._size = size
        self._consumer_page = mmap.mmap(map_fd, _PAGE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        self._producer_pages = mmap.mmap(map_fd, _PAGE + 2 * size, prot=mmap.PROT_READ, offset=_PAGE)
        self._consumer = memoryview(self._consumer_page).cast("Q")
        self._producer = memoryview(self._producer_pages)[:8].cast("Q")
        self._data = memoryview(self._producer_pages)[_PAGE:]

    @property
    def fill(self) -> float:
        """Which share of it is taken."""
        return float(self._producer[0] - self._consumer[0]) / self._size

    @abstractmethod
    def drain(self) -> T:
        """Copies of all finished records, oldest first; their room is given back to the kernel."""

    def drain_all(self) -> list[T]:
        """What was begun before the call too: a record that is being written holds back those behind it."""
        end, deadline = self._producer[0], time.monotonic() + _PATIENCE_S
        drained = [self.drain()]
        while self._consumer[0] < end and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            drained.append(self.drain())
        return drained

    def close(self) -> None:
        for view in (self._consumer, self._producer, self._data):
            view.release()
        self._consumer_page.close()
        self._producer_pages.close()


class RingReader(Ring[list[bytes]]):
    """Records of any length."""

    def drain(self) -> list[bytes]:
        records = []
        position, end = self._consumer[0], self._producer[0]
        while position < end:
            offset = position & (self._size - 1)
            header, _ = _HEADER.unpack_from(self._data, offset)
            if header & _BUSY:
                break
            length = header & _LENGTH
            start = offset + _HEADER.size
            if not header & _DISCARDED:
                records.append(bytes(self._data[start : start + length]))
            position += (_HEADER.size + length + 7) & ~7
        self._consumer[0] = position
        return records


class FixedRingReader(Ring[npt.NDArray[np.void]]):
    """Records of one length, a multiple of 8: all are read at once, as an array of `dtype`."""

    def __init__(self, map_fd: int, size: int, dtype: npt.DTypeLike) -> None:
        super().__init__(map_fd, size)
        self._dtype = np.dtype([("length", "<u4"), ("page", "<u4"), ("record", dtype)])

    def drain(self) -> npt.NDArray[np.void]:
        position, end = self._consumer[0], self._producer[0]
        count = (end - position) // self._dtype.itemsize
        found = np.frombuffer(self._data, self._dtype, count, position & (self._size - 1))
        busy = np.flatnonzero(found["length"] & _BUSY)
        done = int(busy[0]) if len(busy) else count
        records: npt.NDArray[np.void] = found["record"][:done][found["length"][:done] & _DISCARDED == 0].copy()
        del found  # it holds the mapping
        self._consumer[0] = position + done * self._dtype.itemsize
        return records
