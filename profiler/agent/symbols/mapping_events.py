"""What the kernel tells of mappings as they are made, so that a process that has ended already has names.

A perf event that counts nothing writes a record for each new executable mapping, exec and fork of any process into a
ring per CPU (perf_event_open(2): mmap2, comm_exec, task). Records are kept as they came; few are ever decoded, because
most processes can still be asked themselves.
"""

import contextlib
import mmap
import os
import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from profiler.agent import bpf_syscall
from profiler.agent.symbols.maps import MAX_MAPPINGS, Mapping, ProcessMaps

# 128 KiB per CPU hold 1,000 mappings: a hundred execs in the tenth of a second between two readings.
_DATA_PAGES = 32
_PAGE = mmap.PAGESIZE
# Mappings that are remembered (and processes), of those that did something last: 3 MB. A shell has five, Python thirty.
MAX_KEPT = 16_384

_HEADER = struct.Struct("<IHHII")  # type, misc, size, then the pid and another number in every record we ask for
_MAPPING = struct.Struct("<IIQQQIIQQII")
_TIME = struct.Struct("<Q")  # at the end of each record
_COMM, _LOST, _FORK, _MMAP2 = 3, 2, 7, 10
_COMM_EXEC = 1 << 13
_HEADER_BYTES = 8
# Fields of struct perf_event_mmap_page, as indices of 64-bit words.
_HEAD, _TAIL = 1024 // 8, 1032 // 8


class _Ring:
    """One CPU's records. The kernel moves the head, we move the tail."""

    def __init__(self, cpu: int) -> None:
        self._fd = bpf_syscall.mapping_events_open(cpu)
        try:
            self._memory = mmap.mmap(self._fd, (1 + _DATA_PAGES) * _PAGE)
        except (OSError, ValueError):
            os.close(self._fd)
            raise
        self._words = memoryview(self._memory).cast("Q")

    def take(self) -> Iterator[bytes]:
        head, tail = self._words[_HEAD], self._words[_TAIL]
        size = _DATA_PAGES * _PAGE
        start, end = tail % size, tail % size + (head - tail)
        data = self._memory[_PAGE + start : _PAGE + min(end, size)]
        if end > size:
            data += self._memory[_PAGE : _PAGE + end - size]
        self._words[_TAIL] = head
        at = 0
        while at + _HEADER.size <= len(data):
            length = int.from_bytes(data[at + 6 : at + 8], "little")
            if length < _HEADER.size:
                return
            yield data[at : at + length]
            at += length

    def close(self) -> None:
        self._words.release()
        self._memory.close()
        os.close(self._fd)


class MappingEvents:
    """Not thread-safe. Raises OSError where the kernel refuses the events; without them the dead have no names."""

    def __init__(self, cpus: Iterable[int]) -> None:
        self._rings: list[_Ring] = []
        self._processes: OrderedDict[int, tuple[bytes, ...]] = OrderedDict()
        self._kept = 0
        self.lost = 0
        try:
            for cpu in cpus:
                self._rings.append(_Ring(cpu))
        except OSError:
            self.close()
            raise

    def drain(self) -> None:
        """Read what the kernel wrote. Rings hold some tenths of a second of a busy host."""
        records = [record for ring in self._rings for record in ring.take()]
        # A process that moved to another CPU has records in several rings.
        records.sort(key=_time)
        for record in records:
            kind, misc, _, pid, other = _HEADER.unpack_from(record)
            if kind == _MMAP2:
                mappings = self._processes.get(pid, ())
                if len(mappings) < MAX_MAPPINGS:
                    self._keep(pid, (*mappings, record))
            elif kind == _COMM and misc & _COMM_EXEC:
                self._keep(pid, ())
            elif kind == _FORK and pid != other:
                self._keep(pid, self._processes.get(other, ()))
            elif kind == _LOST:
                self.lost += _TIME.unpack_from(record, _HEADER.size)[0]

    def maps(self, pid: int) -> ProcessMaps | None:
        """The mappings of a process that began while we looked; None for others."""
        self.drain()
        records = self._processes.get(pid)
        return ProcessMaps(map(_decoded, records)) if records else None

    def close(self) -> None:
        while self._rings:
            with contextlib.suppress(OSError, BufferError):
                self._rings.pop().close()

    def _keep(self, pid: int, mappings: tuple[bytes, ...]) -> None:
        """A fork shares its parent's."""
        before = self._processes.pop(pid, None)
        self._kept += 1 + len(mappings) - (1 + len(before) if before is not None else 0)
        self._processes[pid] = mappings
        while self._kept > MAX_KEPT:
            self._kept -= 1 + len(self._processes.popitem(last=False)[1])


def _time(record: bytes) -> int:
    return int(_TIME.unpack_from(record, len(record) - _TIME.size)[0])


def _decoded(record: bytes) -> Mapping:
    _, _, start, length, offset, major, minor, inode, *_ = _MAPPING.unpack_from(record, _HEADER_BYTES)
    path = record[_HEADER_BYTES + _MAPPING.size : -_TIME.size].partition(b"\0")[0].decode(errors="replace")
    return Mapping(start, start + length, offset, inode, "" if path == "//anon" else path, f"{major:02x}:{minor:02x}")
