"""Parsing in a process of its own: a whole host's files take seconds of CPU, and what they contain is not trusted.

The worker reads sections on stdin and writes rows to stdout. As root it becomes nobody first; its memory and the time
for one section are bounded. It ends with its stdin.
"""

import contextlib
import json
import os
import resource
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import numpy as np

from profiler.agent.cost import own_cost
from profiler.agent.cost.malloc import return_freed_memory
from profiler.agent.unwind.eh_frame import parse_eh_frame
from profiler.agent.unwind.elf import MAX_EH_FRAME_BYTES, Section, SectionPlace
from profiler.agent.unwind.rows import ROW_BYTES, RowTable
from profiler.core.errors import WebprofError
from profiler.debuginfo.elf import ReadAt

# The largest real files (browsers, LLVM) take 5 s on a busy machine.
PARSE_TIMEOUT_S = 60.0
# MAX_EH_FRAME_BYTES once, MAX_ROWS a few times over (sorting), and Python with numpy.
_MEMORY_BYTES = 1 << 30
_NOBODY = 65_534
# Samples wait for rows, what is sampled wants the processor, too: as any other process. The thread that starts this one
# is preferred to others.
_NICE = 0
_IDLE_PATIENCE = 10
_PIECE_BYTES = 256 << 10

_REQUEST = struct.Struct("<QQ")  # address of the section, entry point; then the section in pieces, an empty one last
_LENGTH = struct.Struct("<I")
_REPLY = struct.Struct("<II")  # rows, bytes of JSON
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]


class WorkerError(WebprofError):
    """The worker died, or was killed because it took too long."""


class ParsingWorker:
    """The parent's side. `parse` and `close` are for one thread. A worker that died is replaced with the next section.

    An `idle` one only runs when a CPU would idle otherwise, and may take ten times as long.
    """

    def __init__(self, timeout_s: float = PARSE_TIMEOUT_S, *, idle: bool = False) -> None:
        self._timeout_s = timeout_s
        self._idle = idle
        self._process: subprocess.Popen[bytes] | None = None

    def parse(self, place: SectionPlace, read_at: ReadAt, *, urgent: bool = True) -> RowTable:
        """Raises WorkerError. `urgent`: somebody waits for it; other sections are parsed when a CPU would idle."""
        process = self._process = self._process or self._start()
        urgent = urgent and not self._idle and not own_cost.helpers().modest
        _schedule(process, urgent=urgent)
        timer = threading.Timer(self._timeout_s * (1 if urgent else _IDLE_PATIENCE), process.kill)
        timer.start()
        try:
            return _exchange(process, place, read_at)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise WorkerError(f"parsing a section of {place.size} bytes failed: {error}") from error
        finally:
            timer.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", __name__]
        process = subprocess.Popen(command, cwd=_PACKAGE_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        own_cost.helpers().add(process.pid, is_idle=self._idle)
        return process

    @property
    def running(self) -> bool:
        return self._process is not None

    def hurry(self) -> None:
        """Somebody waits now, for this section or for its end. From any thread."""
        process = self._process
        if process is not None and not self._idle and not own_cost.helpers().modest:
            _schedule(process, urgent=True)

    def kill(self) -> None:
        """What is being parsed fails. From any thread."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _schedule(process: subprocess.Popen[bytes], *, urgent: bool) -> None:
    with contextlib.suppress(OSError):  # it has ended, or we are not root
        os.sched_setscheduler(process.pid, os.SCHED_OTHER if urgent else os.SCHED_IDLE, os.sched_param(0))
        own_cost.helpers().spare(process.pid, not urgent)


def _exchange(process: subprocess.Popen[bytes], place: SectionPlace, read_at: ReadAt) -> RowTable:
    if process.stdin is None or process.stdout is None:
        raise ValueError("no pipes")
    process.stdin.write(_REQUEST.pack(place.vaddr, place.entry))
    for start in range(0, place.size, _PIECE_BYTES):
        piece = read_at(place.offset + start, min(_PIECE_BYTES, place.size - start))
        if not piece:  # the file ends here, or was cut meanwhile
            break
        process.stdin.write(_LENGTH.pack(len(piece)) + piece)
    process.stdin.write(_LENGTH.pack(0))
    process.stdin.flush()
    rows, size = _REPLY.unpack(_exactly(process.stdout, _REPLY.size))
    skipped = json.loads(_exactly(process.stdout, size))
    return RowTable(np.frombuffer(_exactly(process.stdout, rows * ROW_BYTES), dtype=np.uint64), skipped)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError("the other side ended early")
    return data


def _restrict() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _serve(source: IO[bytes], sink: IO[bytes]) -> None:
    while len(header := source.read(_REQUEST.size)) == _REQUEST.size:
        vaddr, entry = _REQUEST.unpack(header)
        table = parse_eh_frame(Section(vaddr, _section(source), entry))
        skipped = json.dumps(table.skipped).encode()
        sink.write(_REPLY.pack(len(table.rows), len(skipped)) + skipped)
        sink.write(table.rows.data)
        sink.flush()


def _section(source: IO[bytes]) -> bytes:
    pieces, total = [], 0
    while size := _LENGTH.unpack(_exactly(source, _LENGTH.size))[0]:
        total += size
        if total > MAX_EH_FRAME_BYTES:
            raise ValueError(f"section of more than {MAX_EH_FRAME_BYTES} bytes")
        pieces.append(_exactly(source, size))
    return b"".join(pieces)


if __name__ == "__main__":
    return_freed_memory()
    _restrict()
    # The agent ends when it likes.
    with contextlib.suppress(EOFError, BrokenPipeError):
        _serve(sys.stdin.buffer, sys.stdout.buffer)
