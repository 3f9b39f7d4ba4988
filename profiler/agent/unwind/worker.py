"""Parsing in a process of its own: a whole host's files take seconds of CPU, and what they contain is not trusted.

The worker reads sections on stdin and writes rows to stdout. As root it becomes nobody first; its memory and the time
for one section are bounded. It ends with its stdin.
"""

import json
import os
import resource
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from profiler.agent.unwind.eh_frame import parse_eh_frame
from profiler.agent.unwind.elf import MAX_EH_FRAME_BYTES, Section
from profiler.agent.unwind.rows import ROW_BYTES, RowTable
from profiler.core.errors import WebprofError

# The largest real files (browsers, LLVM) take 5 s on a busy machine.
PARSE_TIMEOUT_S = 60.0
# MAX_EH_FRAME_BYTES once, MAX_ROWS a few times over (sorting), and Python with numpy.
_MEMORY_BYTES = 1 << 30
_NOBODY = 65_534
_IDLE = "--idle"

_REQUEST = struct.Struct("<QQQ")  # address of the section, entry point, length
_REPLY = struct.Struct("<II")  # rows, bytes of JSON
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]


class WorkerError(WebprofError):
    """The worker died, or was killed because it took too long."""


class ParsingWorker:
    """The parent's side. Not thread-safe. A worker that died is replaced with the next section.

    An `idle` one only runs when a CPU would idle otherwise, and may take ten times as long.
    """

    def __init__(self, timeout_s: float = PARSE_TIMEOUT_S, *, idle: bool = False) -> None:
        self._timeout_s = timeout_s * (10 if idle else 1)
        self._arguments = (_IDLE,) if idle else ()
        self._process: subprocess.Popen[bytes] | None = None

    def parse(self, section: Section) -> RowTable:
        """Raises WorkerError."""
        process = self._process = self._process or _start(self._arguments)
        timer = threading.Timer(self._timeout_s, process.kill)
        timer.start()
        try:
            return _exchange(process, section)
        except (OSError, struct.error, ValueError) as error:
            self.close()
            raise WorkerError(f"parsing a section of {len(section.data)} bytes failed: {error}") from error
        finally:
            timer.cancel()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", __name__, *arguments]
    return subprocess.Popen(command, cwd=_PACKAGE_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _exchange(process: subprocess.Popen[bytes], section: Section) -> RowTable:
    if process.stdin is None or process.stdout is None:
        raise ValueError("no pipes")
    process.stdin.write(_REQUEST.pack(section.vaddr, section.entry, len(section.data)) + section.data)
    process.stdin.flush()
    rows, size = _REPLY.unpack(_exactly(process.stdout, _REPLY.size))
    skipped = json.loads(_exactly(process.stdout, size))
    return RowTable(np.frombuffer(_exactly(process.stdout, rows * ROW_BYTES), dtype=np.uint64), skipped)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ValueError("the worker ended early")
    return data


def _restrict() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _serve(source: IO[bytes], sink: IO[bytes]) -> None:
    while len(header := source.read(_REQUEST.size)) == _REQUEST.size:
        vaddr, entry, size = _REQUEST.unpack(header)
        if size > MAX_EH_FRAME_BYTES:
            raise ValueError(f"section of {size} bytes")
        table = parse_eh_frame(Section(vaddr, _exactly(source, size), entry))
        skipped = json.dumps(table.skipped).encode()
        sink.write(_REPLY.pack(len(table.rows), len(skipped)) + skipped + table.rows.tobytes())
        sink.flush()


if __name__ == "__main__":
    if _IDLE in sys.argv:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    _restrict()
    _serve(sys.stdin.buffer, sys.stdout.buffer)
