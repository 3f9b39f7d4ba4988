"""Reading DWARF in a process of its own: what a file contains is not trusted, and libdw is written in C.

The worker gets open files and addresses over a socket and answers with functions. As root it becomes nobody first; its
memory and the time for one request are bounded. It ends with its socket.
"""

import contextlib
import os
import resource
import socket
import struct
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgpack

from profiler.core.errors import WebprofError
from profiler.debuginfo.dwarf import Dwarf
from profiler.debuginfo.function_index import FunctionIndex
from profiler.debuginfo.libdw import LibdwError
from profiler.debuginfo.source_frame import FunctionFrames, SourceFrame

# A unit of the largest programs (a whole program compiled as one) takes some seconds on a busy machine.
TIMEOUT_S = 20.0
MAX_ADDRESSES = 10_000
# Units of large programs that were looked into, and sections that had to be unpacked. Mapped files do not count.
_MEMORY_BYTES = 1 << 30
# Files that stay open in the worker from one request to the next, as long as they take no more than this: what was read
# of them counts, mapped or not.
_MAX_OPEN = 4
_KEPT_BYTES = 40 << 20
_NOBODY = 65_534
# Others want the processor more.
_NICE = 10

_LENGTH = struct.Struct("<I")
_MAX_REQUEST_BYTES = 1 << 20
_MAX_REPLY_BYTES = 64 << 20
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class WorkerError(WebprofError):
    """The worker died over a file, or was killed because it took too long or too much memory."""


class NoDebugInfoError(WebprofError):
    """libdw is not installed, or finds no debug information that it reads in the file."""


class Descriptors(NamedTuple):
    """An open debug file; `alternate` is the one that its .gnu_debugaltlink names, -1 without."""

    fd: int
    alternate: int = -1


class DwarfWorker:
    """The parent's side. Not thread-safe. A worker that died is replaced with the next request."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._running: tuple[subprocess.Popen[bytes], socket.socket] | None = None

    def functions_at(self, file: Descriptors, addresses: Sequence[int]) -> list[FunctionFrames]:
        """The functions that hold the addresses (of the ELF file; at most MAX_ADDRESSES), as far as the file tells.

        Raises NoDebugInfoError or WorkerError.
        """
        process, channel = self._running = self._running or _start(self._timeout_s)
        try:
            _send(channel, list(addresses), tuple(fd for fd in file if fd >= 0))
            answer = _receive(channel, _MAX_REPLY_BYTES)
            if isinstance(answer, str):
                raise NoDebugInfoError(answer)
            return [_unpacked(function) for function in answer]
        except (OSError, EOFError, ValueError, TypeError) as error:
            self.close()
            raise WorkerError(f"looking {len(addresses)} addresses up failed: {error or process.returncode}") from error

    @property
    def pid(self) -> int:
        """Of the worker process, 0 when none runs."""
        return self._running[0].pid if self._running else 0

    def close(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            process, channel = running
            channel.close()
            process.kill()
            process.wait()

    def __enter__(self) -> "DwarfWorker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _start(timeout_s: float) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    ours.settimeout(timeout_s)
    with theirs:
        command = [sys.executable, "-m", __name__]
        # Nothing of the environment is needed; debuginfod's addresses in it would make libdw use the network.
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
        if sys.pycache_prefix:
            environment["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
        process = subprocess.Popen(
            command, cwd=_PACKAGE_ROOT, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment
        )
    return process, ours


def _send(channel: socket.socket, message: Any, fds: Sequence[int] = ()) -> None:
    data = msgpack.packb(message)
    socket.send_fds(channel, [_LENGTH.pack(len(data))], fds)
    channel.sendall(data)


def _receive(channel: socket.socket, limit: int) -> Any:
    return msgpack.unpackb(_body(channel, _exactly(channel, _LENGTH.size), limit), use_list=False)


def _body(channel: socket.socket, head: bytes, limit: int) -> bytes:
    (size,) = _LENGTH.unpack(head)
    if size > limit:
        raise ValueError(f"message of {size} bytes")
    return _exactly(channel, size)


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = channel.recv(min(size - len(data), 1 << 20))
        if not piece:
            raise EOFError("the other side ended early")
        data += piece
    return bytes(data)


def _packed(function: FunctionFrames) -> Any:
    """Frames by number: an inlined function is in many chains."""
    frames: dict[SourceFrame, int] = {}
    chains = [[frames.setdefault(frame, len(frames)) for frame in chain] for chain in function.chains]
    return (function.start, function.end, function.cuts, chains, list(frames))


def _unpacked(packed: Any) -> FunctionFrames:
    start, end, cuts, chains, rows = packed
    # A source file's name is in most functions of a program; it is kept once.
    frames = [SourceFrame(name, sys.intern(file), line, inlined) for name, file, line, inlined in rows]
    return FunctionFrames(start, end, cuts, tuple(tuple(frames[i] for i in chain) for chain in chains))


# ── the worker's side ───────────────────────────────────────────────────────────────────────────────────────────────
def _restrict() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(_NICE)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


class _OpenFiles:
    """The files of the last requests, by what tells them apart."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[int, ...], tuple[Dwarf, list[int]]] = OrderedDict()

    def get(self, fds: list[int]) -> Dwarf:
        """Takes over the descriptors. Raises LibdwError."""
        key = tuple(value for fd in fds for value in _identity(fd))
        if key in self._files:
            _close(fds)
            self._files.move_to_end(key)
            return self._files[key][0]
        while len(self._files) >= _MAX_OPEN:
            self._close_oldest()
        try:
            dwarf = Dwarf(*fds)
        except LibdwError:
            _close(fds)
            raise
        self._files[key] = (dwarf, fds)
        return dwarf

    def give_back(self) -> None:
        """All but the one that was asked last, as far as they take too much memory."""
        while len(self._files) > 1 and _resident_bytes() > _KEPT_BYTES:
            self._close_oldest()

    def _close_oldest(self) -> None:
        dwarf, fds = self._files.popitem(last=False)[1]
        dwarf.close()
        _close(fds)


def _resident_bytes() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 after each request
        return int(file.read().split()[1]) * resource.getpagesize()


def _identity(fd: int) -> tuple[int, int, int, int]:
    status = os.fstat(fd)
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)


def _look_up(dwarf: Dwarf, addresses: Sequence[int]) -> list[FunctionFrames]:
    found = FunctionIndex()
    for address in addresses:
        if not found.find(address) and (function := dwarf.function_at(address)):
            found.add(function)
    return list(found)


def _serve(channel: socket.socket) -> None:
    files = _OpenFiles()
    while True:
        head, fds, _, _ = socket.recv_fds(channel, _LENGTH.size, 2)
        if not head:
            return
        addresses = msgpack.unpackb(
            _body(channel, head + _exactly(channel, _LENGTH.size - len(head)), _MAX_REQUEST_BYTES)
        )
        try:
            dwarf = files.get(fds)
            answer: Any = list(map(_packed, _look_up(dwarf, addresses[:MAX_ADDRESSES])))
        except LibdwError as error:
            answer = str(error)
        _send(channel, answer)
        files.give_back()


if __name__ == "__main__":
    _restrict()
    with contextlib.suppress(EOFError, ConnectionError):
        _serve(socket.socket(fileno=0))
