"""What the kernel tells of mappings as they are made, so that a process that has ended already has names.

A perf event that counts nothing writes a record for each new executable mapping, exec and fork of any process into a
ring per CPU (perf_event_open(2): mmap2, comm_exec, task). Records are kept as they came; few are ever decoded, because
most processes can still be asked themselves.
"""

import bisect
import contextlib
import itertools
import mmap
import os
import re
import struct
import sys
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from profiler.agent.kernel import bpf_syscall
from profiler.agent.symbols.maps import MAX_MAPPINGS, Mapping, ProcessMaps

# 128 KiB per CPU hold 1,000 mappings: a hundred execs. One that is this full is read at once.
_DATA_PAGES = 32
_URGENT_SHARE = 1 / 4
_PAGE = mmap.PAGESIZE
# Mappings that are remembered (and processes), of those that began or called exec last: 3 MB. A shell has five, Python
# thirty.
MAX_KEPT = 16_384
# Files of which it is known that a living process has mapped them; at the bound they are met again.
MAX_MET = 16_384
# Programs map the same few files: what tells of one is decoded once. A busy host has some thousand.
MAX_KNOWN_FILES = 4096

_HEADER = struct.Struct("<IHHII")  # type, misc, size, then the pid and another number in every record we ask for
_PLACE = struct.Struct("<QQ")  # of a mapping, behind the header: start and length
_FILE = struct.Struct("<QIIQQII")  # behind that: offset, major, minor, inode, and what is not needed; then the path
_FILE_AT = _HEADER.size + _PLACE.size
# Behind the offset: which file it is, with its path.
_PLACE_IN_FILE = struct.Struct("<Q")
_IDENTITY_AT = _FILE_AT + _PLACE_IN_FILE.size
_TIME = struct.Struct("<Q")  # at the end of each record
_COMM, _LOST, _FORK, _MMAP2 = 3, 2, 7, 10
_COMM_EXEC = 1 << 13
_MappedFile = tuple[int, int, str, str]
"""As in Mapping, from `offset` on."""
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
        self._seen = 0

    @property
    def empty(self) -> bool:
        return bool(self._words[_HEAD] == self._words[_TAIL])

    @property
    def fill(self) -> float:
        """Which share of it is taken."""
        return float(self._words[_HEAD] - self._words[_TAIL]) / (_DATA_PAGES * _PAGE)

    def take(self) -> bytes:
        """What was written since the last time."""
        head, tail = self._words[_HEAD], self._words[_TAIL]
        data = self._between(tail, head)
        self._words[_TAIL] = head
        return data

    def unseen(self) -> bytes:
        """What was written since this was asked last, and is still to be taken."""
        head, begin = self._words[_HEAD], max(self._seen, self._words[_TAIL])
        self._seen = head
        return self._between(begin, head)

    def _between(self, begin: int, end: int) -> bytes:
        if begin == end:
            return b""
        size = _DATA_PAGES * _PAGE
        start, stop = begin % size, begin % size + (end - begin)
        data = self._memory[_PAGE + start : _PAGE + min(stop, size)]
        return data + self._memory[_PAGE : _PAGE + stop - size] if stop > size else data

    def close(self) -> None:
        self._words.release()
        self._memory.close()
        os.close(self._fd)


@dataclass(slots=True)
class _Process:
    """`whole`: we saw it begin, or call exec. `own`: it mapped code itself, or called exec, since it was forked."""

    records: list[bytes] = field(default_factory=list)
    whole: bool = False
    own: bool = False


class MappingEvents:
    """Not thread-safe. Raises OSError where the kernel refuses the events; without them the dead have no names.

    `awaited` matches the records of mappings whose processes are to be met at once: `newcomers`.
    """

    def __init__(self, cpus: Iterable[int], awaited: re.Pattern[bytes] | None = None) -> None:
        self._rings: list[_Ring] = []
        self._awaited = awaited
        self._newcomers: set[int] = set()
        self._taken: set[int] = set()
        self._processes: OrderedDict[int, _Process] = OrderedDict()
        self._kept = 0
        self._met: set[bytes] = set()
        self._unmet: dict[bytes, int] = {}
        self._files: dict[bytes, _MappedFile] = {}
        self._is_awaited: dict[bytes, bool] = {}
        self.lost = 0
        try:
            for cpu in cpus:
                self._rings.append(_Ring(cpu))
        except OSError:
            self.close()
            raise

    def are_urgent(self) -> bool:
        """Whether something awaited came since this was asked last, or a ring fills up. For one thread, any."""
        awaited = self._awaited
        came = [ring.unseen() for ring in self._rings] if awaited else []
        return any(awaited.search(data) for data in came if awaited) or any(
            ring.fill > _URGENT_SHARE for ring in self._rings
        )

    def take_newcomers(self) -> set[int]:
        """The processes that mapped something awaited since the last call, as far as read, and what they forked."""
        self._taken, self._newcomers = self._newcomers, set()
        return self._taken

    def take_unmet(self) -> dict[bytes, int]:
        """Files that were mapped since the last call and were not met yet, and the last process that mapped each."""
        unmet, self._unmet = self._unmet, {}
        return unmet

    def met(self, file: bytes) -> None:
        """A file of `take_unmet` needs no looking at any more."""
        if len(self._met) >= MAX_MET:
            self._met.clear()
        self._met.add(file)

    def forget_met(self) -> None:
        self._met.clear()

    def drain(self) -> set[int]:
        """Read what the kernel wrote; the processes whose mappings have changed.

        Rings hold some tenths of a second of a busy host.
        """
        parts = [_events(ring.take()) for ring in self._rings if not ring.empty]
        found = [event for part in parts for event in part]
        if len(parts) > 1:
            # A process that moved to another CPU has records in several rings.
            found.sort()
        for _, kind, pid, other, record in found:
            if kind == _MMAP2:
                self._mapped(pid, record)
            elif kind == _COMM:
                self._keep(pid, _Process(whole=True, own=True))
            elif kind == _FORK:
                parent = self._processes.get(other)
                self._keep(pid, _Process(parent.records.copy(), parent.whole) if parent else _Process())
                # Forks of processes that are known are known in the kernel; these may have come before that.
                if other in self._newcomers or other in self._taken:
                    self._newcomers.add(pid)
            else:
                self.lost += _TIME.unpack_from(record, _HEADER.size)[0]
        while self._kept > MAX_KEPT:
            self._kept -= 1 + len(self._processes.popitem(last=False)[1].records)
        return {event[2] for event in found}

    def maps(self, pid: int, *, whole: bool = True) -> ProcessMaps | None:
        """The mappings of a process that began while we looked, or with `whole` off what we know of any."""
        process = self._processes.get(pid)
        if process is None or not process.records or (whole and not process.whole):
            return None
        return ProcessMaps(_newest([*map(self._decoded, reversed(process.records))]))

    def mapped_itself(self, pid: int) -> bool:
        """Whether it has mapped code since it was forked, as far as we saw; else it has its parent's."""
        process = self._processes.get(pid)
        return process is not None and process.own

    def close(self) -> None:
        while self._rings:
            with contextlib.suppress(OSError, BufferError):
                self._rings.pop().close()

    def _mapped(self, pid: int, record: bytes) -> None:
        process = self._processes.get(pid)
        if process is None:
            process = _Process()
            self._keep(pid, process)
        process.own = True
        file = record[_IDENTITY_AT : -_TIME.size]
        if file not in self._met:
            self._unmet[file] = pid
        awaited = self._is_awaited.get(file)
        if awaited is None:
            awaited = self._looked_at(file)
        if awaited:
            self._newcomers.add(pid)
        if len(process.records) < MAX_MAPPINGS:
            process.records.append(record)
            self._kept += 1
        else:
            process.whole = False

    def _looked_at(self, file: bytes) -> bool:
        """Whether it is awaited: programs map the same files all day long."""
        if len(self._is_awaited) >= MAX_KNOWN_FILES:
            self._is_awaited.clear()
        found = self._is_awaited[file] = bool(self._awaited and self._awaited.search(file))
        return found

    def _keep(self, pid: int, process: _Process) -> None:
        before = self._processes.pop(pid, None)
        self._kept += 1 + len(process.records) - (1 + len(before.records) if before else 0)
        self._processes[pid] = process

    def _decoded(self, record: bytes) -> Mapping:
        start, length = _PLACE.unpack_from(record, _HEADER.size)
        told = record[_FILE_AT : -_TIME.size]
        file = self._files.get(told)
        if file is None:
            if len(self._files) >= MAX_KNOWN_FILES:
                self._files.clear()
            file = self._files[told] = _file(told)
        return Mapping(start, start + length, *file)


def mapped_file(file: bytes) -> Mapping:
    """A file of `take_unmet`, as if mapped from its beginning at no address."""
    return Mapping(0, 0, *_file(bytes(_PLACE_IN_FILE.size) + file))


def _events(data: bytes) -> list[tuple[int, int, int, int, bytes]]:
    """Time, kind, pid, the other number and the record of what matters: mappings, execs, new processes, losses."""
    found = []
    at, end = 0, len(data)
    while at + _HEADER.size <= end:
        kind, misc, length, pid, other = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            break
        after = at + length
        if kind in (_MMAP2, _LOST) or (kind == _COMM and misc & _COMM_EXEC) or (kind == _FORK and pid != other):
            (time,) = _TIME.unpack_from(data, after - _TIME.size)
            found.append((time, kind, pid, other, data[at:after]))
        at = after
    return found


def _newest(newest_first: Sequence[Mapping]) -> list[Mapping]:
    """What is there now: the kernel does not tell of mappings that go, but no two are in one place."""
    by_place = sorted(newest_first)
    if all(one.end <= next_one.start for one, next_one in itertools.pairwise(by_place)):
        return by_place
    starts: list[int] = []
    kept: list[Mapping] = []
    for mapping in newest_first:
        at = bisect.bisect_right(starts, mapping.start)
        if (at and kept[at - 1].end > mapping.start) or (at < len(kept) and starts[at] < mapping.end):
            continue
        starts.insert(at, mapping.start)
        kept.insert(at, mapping)
    return kept


def _file(told: bytes) -> _MappedFile:
    offset, major, minor, inode, *_ = _FILE.unpack_from(told)
    path = sys.intern(told[_FILE.size :].partition(b"\0")[0].decode(errors="replace"))
    return offset, inode, "" if path == "//anon" else path, f"{major:02x}:{minor:02x}"
