"""Perf maps (perf-PID.map): symbols that a just-in-time compiler writes down for profilers.

One line per function: start and size in hexadecimal, then the name. The file belongs to the profiled process, which
may write anything into it, so it is read under bounds and lines that make no sense are skipped.
"""

import bisect
import os
import stat
from pathlib import Path

from profiler.debuginfo.demangle import demangle

# A big Node.js or Java process writes tens of megabytes; what is beyond is not read.
MAX_PERF_MAP_BYTES = 128 << 20
MAX_ADDRESS = 1 << 64


def parse_perf_map(text: str) -> dict[int, tuple[int, str]]:
    """start → (end, name). A later line replaces an earlier one, as code is compiled again in the same place."""
    symbols = {}
    for line in text.splitlines():
        parts = line.split(None, 2)
        if len(parts) < 3:
            continue
        try:
            start, size = int(parts[0], 16), int(parts[1], 16)
        except ValueError:
            continue
        if 0 <= start < MAX_ADDRESS and 0 < size < MAX_ADDRESS:
            symbols[start] = (start + size, parts[2])
    return symbols


class PerfMap:
    """The perf map of one process, read again when it has grown."""

    def __init__(self, pid: int) -> None:
        self._path = f"/proc/{pid}/root/tmp/perf-{innermost_pid(pid)}.map"
        self._owner = _owner(pid)
        self._version = (0, 0)
        self._starts: list[int] = []
        self._symbols: dict[int, tuple[int, str]] = {}

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
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            found = os.fstat(fd)
            version = (found.st_size, found.st_mtime_ns)
            # Somebody else's file could name functions of this process anything.
            if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, self._owner) or version == self._version:
                return False
            text = os.read(fd, min(found.st_size, MAX_PERF_MAP_BYTES)).decode(errors="replace")
        except OSError:
            return False
        finally:
            os.close(fd)
        self._version = version
        self._symbols = parse_perf_map(text)
        self._starts = sorted(self._symbols)
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
