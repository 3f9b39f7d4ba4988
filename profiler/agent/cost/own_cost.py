"""What the agent itself takes of its host, with its helpers: CPU time, memory; and what the host does meanwhile."""

import functools
import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Fields behind the command's name in /proc/PID/stat (proc_pid_stat(5)): user and system time.
_UTIME, _STIME = 11, 12
# Columns of /proc/PID/statm (proc_pid_statm(5)), in pages.
_RESIDENT, _SHARED = 1, 2
# Columns of the `cpu` line of /proc/stat that are work of this machine: user nice system, irq softirq.
_WORK = (0, 1, 2, 5, 6)


class Reading(NamedTuple):
    """Counters that only grow, in ns, and the memory of this moment: this process's and its helpers'."""

    at_ns: int
    own_ns: int
    helpers_ns: int
    busy_ns: int
    rss_bytes: int
    helpers_bytes: int


class Helpers:
    """CPU time and memory of the processes that work for this one: those that were added. Thread-safe.

    `crowded`: all together take too much memory, so those that can wait must end. `modest`: too much CPU time, so they
    take no more than nobody else wants.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, int] = {}
        self._idle: set[int] = set()
        self._spare: set[int] = set()
        self._all_ns = self._charged_ns = 0
        self.crowded = False
        self.modest = False

    def add(self, pid: int, *, is_idle: bool = False) -> None:
        """`is_idle`: it only has CPU time that nobody else wants, and so only its memory counts."""
        with self._lock:
            if is_idle:
                self._idle.add(pid)
            else:
                self._known[pid] = 0

    def memory_bytes(self) -> int:
        """Of the living, what they share with no file: their programs' files are mostly this process's own, too."""
        with self._lock:
            found = {pid: _private_bytes(pid) for pid in (*self._known, *self._idle)}
            self._idle = {pid for pid in self._idle if found[pid]}
        return sum(found.values())

    def cpu_ns(self) -> int:
        """Of one that has ended, what it had used when it was looked at last."""
        with self._lock:
            self._look()
            return self._all_ns

    def charged_ns(self) -> int:
        """The same without what they used while they had spare time only."""
        with self._lock:
            self._look()
            return self._charged_ns

    def spare(self, pid: int, is_spare: bool) -> None:
        """From now on a helper has CPU time that nobody else wants, or any."""
        with self._lock:
            self._look()
            (self._spare.add if is_spare and pid in self._known else self._spare.discard)(pid)

    def _look(self) -> None:
        for pid, before in list(self._known.items()):
            now = _process_ns(pid)
            if now < before:
                del self._known[pid]
                self._spare.discard(pid)
                continue
            self._known[pid] = now
            self._all_ns += now - before
            self._charged_ns += now - before if pid not in self._spare else 0


@functools.cache
def helpers() -> Helpers:
    """Of this process."""
    return Helpers()


def read() -> Reading:
    """Raises OSError when /proc can't be read."""
    memory = rss_bytes(), helpers().memory_bytes()
    return Reading(time.monotonic_ns(), time.process_time_ns(), helpers().charged_ns(), _busy_ns(), *memory)


def cpu_ns() -> int:
    """CPU time of this process and its helpers so far."""
    return time.process_time_ns() + helpers().cpu_ns()


def memory_bytes() -> int:
    """Resident memory of this process, and the memory of its helpers that is not shared."""
    return rss_bytes() + helpers().memory_bytes()


def rss_bytes() -> int:
    """Resident memory of this process."""
    return _pages("self")[_RESIDENT] * _PAGE_BYTES


def _private_bytes(pid: int) -> int:
    """0 when it is gone."""
    try:
        pages = _pages(str(pid))
    except OSError:
        return 0
    return (pages[_RESIDENT] - pages[_SHARED]) * _PAGE_BYTES


def _pages(process: str) -> list[int]:
    with open(f"/proc/{process}/statm", "rb") as file:  # noqa: PTH123 read every second
        return [int(column) for column in file.read().split()]


def _process_ns(pid: int) -> int:
    """-1 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return -1
    return (int(fields[_UTIME]) + int(fields[_STIME])) * _TICK_NS


def _busy_ns() -> int:
    with open("/proc/stat", "rb") as file:  # noqa: PTH123 read every second
        columns = file.readline().split()[1:]
    return sum(int(columns[i]) for i in _WORK) * _TICK_NS
