"""Compiled programs on disk, so that a recording starts without a compiler.

What is read here is loaded into the kernel as root. A file therefore counts only when this user alone can have written
it, carries its own key, and is whole; anything else is a miss.
"""

import contextlib
import hashlib
import logging
import os
import platform
import stat
import zlib
from pathlib import Path

from profiler.agent.kernel.bcc_binding import find_package
from profiler.agent.kernel.bytecode import BytecodeError, CompiledProgram
from profiler.agent.kernel.bytecode_reader import unpack
from profiler.agent.kernel.program_source import ProgramOptions, source_files

logger = logging.getLogger(__name__)

# Probes, and variants by parameter and ring size, for a kernel or two: 12 KB each.
MAX_FILES = 256
# Ten times the largest program today.
MAX_FILE_BYTES = 1 << 20
# Raised whenever the compiler's output or the file's form changes: old files are then misses.
VERSION = 1
_MAGIC = b"WPBC"
_KEY_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + 1 + _KEY_BYTES + 4
_SUFFIX, _PARTIAL = ".bytecode", ".partial"


def program_key(options: ProgramOptions) -> bytes:
    """Of all that the compiled program depends on. The kernel's release stands for the tracepoints' formats."""
    digest = hashlib.blake2b(digest_size=_KEY_BYTES)
    parts = [platform.machine(), platform.release(), _bcc_version(), *options.files, *options.macros()]
    for part in parts:
        digest.update(part.encode() + b"\0")
    for path in source_files(options):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.digest()


class BytecodeCache:
    """A directory of files. Every failure is a miss: the cache only saves time. Several processes may share it."""

    def __init__(self, directory: Path, max_files: int = MAX_FILES) -> None:
        self._directory = directory
        self._max_files = max_files

    def get(self, key: bytes) -> CompiledProgram | None:
        path = self._path(key)
        try:
            data = _read_own(path)
        except OSError:
            return None
        header, body = data[:_HEADER_BYTES], data[_HEADER_BYTES:]
        if header != _header(key, body):
            return None
        try:
            program = unpack(body)
        except BytecodeError as error:
            logger.warning("%s is compiled anew: %s", path, error)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return program

    def put(self, key: bytes, program: CompiledProgram) -> None:
        body = program.pack()
        path = self._path(key)
        partial = path.with_suffix(f".{os.getpid()}{_PARTIAL}")
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _write_own(partial, _header(key, body) + body)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
            self._evict()
        except OSError as error:
            logger.warning("compiled programs are not kept, each recording compiles: %s", error)

    def _evict(self) -> None:
        """The ones used longest ago go first."""
        files = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(self._directory) if _is_ours(entry.name)]
        for _, path in sorted(files, reverse=True)[self._max_files :]:
            Path(path).unlink(missing_ok=True)

    def _path(self, key: bytes) -> Path:
        return self._directory / f"{key.hex()}{_SUFFIX}"


def default_cache_directory() -> Path:
    """In the agent's own directory, which no other user may write, when there is one."""
    data = os.environ.get("WEBPROF_DATA")
    if data:
        return Path(data) / "agent" / "bytecode"
    if os.geteuid() == 0:
        return Path("/var/cache/webprof/bytecode")
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "webprof" / "bytecode"


def _is_ours(name: str) -> bool:
    return name.endswith((_SUFFIX, _PARTIAL))


def _header(key: bytes, body: bytes) -> bytes:
    return _MAGIC + bytes([VERSION]) + key + zlib.crc32(body).to_bytes(4, "little")


def _read_own(path: Path) -> bytes:
    """Raises OSError, also when another user could have written the file or put it there."""
    _require_own(path.parent.stat(), path.parent)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _require_own(status, path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            raise OSError(f"{path} is no file of a compiled program")
        return file.read(MAX_FILE_BYTES)


def _write_own(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _require_own(status: os.stat_result, path: Path) -> None:
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        logger.warning("%s is not used: others than user %d may write it", path, os.geteuid())
        raise PermissionError(f"others may write {path}")


def _bcc_version() -> str:
    """Told by a file of the package: importing it would load libbcc."""
    package = find_package()
    if package is None:
        return ""
    try:
        return (package / "version.py").read_text()
    except OSError:
        return ""
