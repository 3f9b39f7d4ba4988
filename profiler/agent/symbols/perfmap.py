"""Perf maps (perf-PID.map): symbols that a just-in-time compiler writes down for profilers.

One line per function: start and size in hexadecimal, then the name. The file belongs to the profiled process, which
may write anything into it, so it is read under bounds and lines that make no sense are skipped.
"""

import bisect
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from profiler.debuginfo.demangle import demangle

# A big Node.js or Java process writes some ten megabytes. Of a longer file the end is read: what was compiled last.
MAX_PERF_MAP_BYTES = 32 << 20
# 60 MB of memory. The functions compiled first go.
MAX_FUNCTIONS = 200_000
MAX_LINE_BYTES = 1024
MAX_ADDRESS = 1 << 64
# A process that changes its file all the time has it read again for at most this share of the time.
READ_SHARE = 0.05
# What takes less is read again at once.
QUICK_READ_S = 0.001


def parse_perf_map(lines: Iterable[bytes]) -> dict[int, tuple[int, str]]:
    """start → (end, name). A later line replaces an earlier one, as code is compiled again in the same place."""
    symbols: OrderedDict[int, tuple[int, str]] = OrderedDict()
    for line in lines:
        parts = line.split(None, 2)
        if len(parts) < 3:
            continue
        try:
            start, size = int(parts[0], 16), int(parts[1], 16)
        except ValueError:
            continue
        if 0 <= start < MAX_ADDRESS and 0 < size < MAX_ADDRESS:
            symbols[start] = (start + size, parts[2].rstrip(b"\r\n").decode(errors="replace"))
            if len(symbols) > MAX_FUNCTIONS:
                symbols.popitem(last=False)
    return symbols


def _lines(file: BinaryIO, size: int) -> Iterable[bytes]:
    """Lines of the file's end; of a line that is too long, pieces."""
    if size > MAX_PERF_MAP_BYTES:
        file.seek(size - MAX_PERF_MAP_BYTES)
        file.readline(MAX_LINE_BYTES)  # the rest of a line
    left = MAX_PERF_MAP_BYTES
    while left > 0 and (line := file.readline(MAX_LINE_BYTES)):
        left -= len(line)
        yield line


class PerfMap:
    """The perf map of one process, read again when it has grown."""

    def __init__(self, pid: int) -> None:
        self._path = f"/proc/{pid}/root/tmp/perf-{innermost_pid(pid)}.map"
        self._owner = _owner(pid)
        self._version = (0, 0)
        self._starts: list[int] = []
        self._symbols: dict[int, tuple[int, str]] = {}
        self._next_read = 0.0

    def find(self, address: int) -> str | None:
        name = self._lookup(address)
        if name is None and self._refresh():
            name = self._lookup(address)
        return name

    def _lookup(self, address: int) -> str | None:
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        end, name = self._symbols[self._starts[index]]
        return demangle(name) if address < end else None

    def _refresh(self) -> bool:
        """Read the file if it is another one than last time; whether it was."""
        begun = time.monotonic()
        if begun < self._next_read:
            return False
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
            with os.fdopen(fd, "rb") as file:
                found = os.fstat(fd)
                version = (found.st_size, found.st_mtime_ns)
                # Somebody else's file could name functions of this process anything.
                is_own = stat.S_ISREG(found.st_mode) and found.st_uid in (0, self._owner)
                if not is_own or version == self._version:
                    return False
                self._symbols = parse_perf_map(_lines(file, found.st_size))
        except OSError:
            return False
        self._version = version
        self._starts = sorted(self._symbols)
        now = time.monotonic()
        if now - begun > QUICK_READ_S:
            self._next_read = now + (now - begun) / READ_SHARE
        return True


def innermost_pid(pid: int) -> int:
    """The pid by which the process knows itself, in its own pid namespace."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    except OSError:
        pass
    return pid


def _owner(pid: int) -> int:
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return 0
