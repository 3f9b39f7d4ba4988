"""Perf maps (perf-PID.map): symbols that a just-in-time compiler writes down for profilers.

One line per function: start and size in hexadecimal, then the name. The file belongs to the profiled process, which
may write anything into it, so it is read under bounds and lines that make no sense are skipped.
"""

import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from profiler.agent.symbols.jit_functions import JitFunctions
from profiler.debuginfo.demangle import demangle

# A big Node.js or Java process writes some ten megabytes. Of a longer file the end is read: what was compiled last.
MAX_PERF_MAP_BYTES = 32 << 20
MAX_LINE_BYTES = 1024
# A process that changes its file all the time has it read again for at most this share of the time.
READ_SHARE = 0.01
# What takes less is read again at once.
QUICK_READ_S = 0.001
# A file that has become longer is read on where it ended, if what stood before that is still there.
_OVERLAP_BYTES = 256


def _lines(file: BinaryIO, left: int) -> Iterable[bytes]:
    """Lines of the next `left` bytes; of a line that is too long, pieces."""
    while left > 0 and (line := file.readline(MAX_LINE_BYTES)):
        left -= len(line)
        yield line


class PerfMap:
    """The perf map of one process, read on when it has grown."""

    def __init__(self, pid: int) -> None:
        self._path = f"/proc/{pid}/root/tmp/perf-{innermost_pid(pid)}.map"
        self._owner = _owner(pid)
        self._version = (0, 0)
        self._functions = JitFunctions()
        self._read_until = 0
        self._last_bytes = b""
        self._next_read = 0.0

    def find(self, address: int) -> str | None:
        name = self._functions.name(address)
        if name is None and self._refresh():
            name = self._functions.name(address)
        return None if name is None else demangle(name)

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
                self._read(file, found.st_size)
        except OSError:
            return False
        self._version = version
        now = time.monotonic()
        if now - begun > QUICK_READ_S:
            self._next_read = now + (now - begun) / READ_SHARE
        return True

    def _read(self, file: BinaryIO, size: int) -> None:
        if not self._goes_on(file, size):
            self._functions = JitFunctions()
            file.seek(max(0, size - MAX_PERF_MAP_BYTES))
            if size > MAX_PERF_MAP_BYTES:
                file.readline(MAX_LINE_BYTES)  # the rest of a line
        self._functions.add(_lines(file, size - file.tell()))
        self._read_until = file.tell()
        file.seek(max(0, self._read_until - _OVERLAP_BYTES))
        self._last_bytes = file.read(self._read_until - file.tell())

    def _goes_on(self, file: BinaryIO, size: int) -> bool:
        """Whether the file only became longer since it was read, by whole lines and not too much. It is at the new
        lines then.
        """
        if not self._last_bytes.endswith(b"\n") or self._functions.text_bytes + size - self._read_until > (
            MAX_PERF_MAP_BYTES
        ):
            return False
        file.seek(self._read_until - len(self._last_bytes))
        return file.read(len(self._last_bytes)) == self._last_bytes


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
