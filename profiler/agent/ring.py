"""Reads a BPF ring buffer through its memory mapping: no callback and no system call per record.

The kernel's layout (Documentation/bpf/ringbuf.rst): one page with the consumer's position, one page with the
producer's, then the data mapped twice in a row so that a record never wraps. Each record has an eight-byte header:
u32 length with two flag bits, u32 page offset.
"""

import mmap
import struct

_BUSY = 1 << 31
_DISCARDED = 1 << 30
_LENGTH = _DISCARDED - 1
_HEADER = struct.Struct("<II")
_PAGE = mmap.PAGESIZE


class RingReader:
    """`map_fd` is a BPF_MAP_TYPE_RINGBUF of `size` bytes (a power of two)."""

    def __init__(self, map_fd: int, size: int) -> None:
        self._size = size
        self._consumer_page = mmap.mmap(map_fd, _PAGE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        self._producer_pages = mmap.mmap(map_fd, _PAGE + 2 * size, prot=mmap.PROT_READ, offset=_PAGE)
        self._consumer = memoryview(self._consumer_page).cast("Q")
        self._producer = memoryview(self._producer_pages)[:8].cast("Q")
        self._data = memoryview(self._producer_pages)[_PAGE:]

    def drain(self) -> list[bytes]:
        """Copies of all finished records, oldest first; their room is given back to the kernel."""
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

    def close(self) -> None:
        for view in (self._consumer, self._producer, self._data):
            view.release()
        self._consumer_page.close()
        self._producer_pages.close()
