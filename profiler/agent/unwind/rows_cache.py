"""Rows on disk, by the content they were made from: a file is parsed once per host, not once per recording.

The key is a hash of .eh_frame itself. A build id would be shorter to get, but a file can claim another's.
"""

import contextlib
import hashlib
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from profiler.agent.unwind.elf import SectionPlace
from profiler.agent.unwind.rows import ROW_BYTES, Rows
from profiler.debuginfo.elf import ReadAt

# A desktop's worth of libraries is 50 MB; browsers and compilers in several versions fit too.
MAX_CACHE_BYTES = 256 << 20
# When over the limit, remove the files used longest ago until this share is left.
_KEEP_SHARE = 0.8
# Raised whenever the parser makes other rows from the same section: old files are then misses.
VERSION = 2

_HEADER = struct.Struct("<4sIII")  # magic, version, rows, CRC-32 of them
_MAGIC = b"WPUR"
_SUFFIX = ".rows"
_PIECE = 256 << 10


def section_key(place: SectionPlace, read_at: ReadAt) -> str:
    """Of all that rows are made from; the section is read in pieces."""
    salt = place.vaddr.to_bytes(8, "little") + place.entry.to_bytes(8, "little")
    digest = hashlib.blake2b(digest_size=16, salt=salt)
    for done in range(0, place.size, _PIECE):
        digest.update(read_at(place.offset + done, min(_PIECE, place.size - done)))
    return digest.hexdigest()


class StoredRows:
    """Rows in an open file; a part of them is read when it is asked for. A large library has megabytes."""

    def __init__(self, fd: int, count: int) -> None:
        """Takes over the descriptor."""
        self._fd = fd
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice, /) -> Rows:
        """Raises OSError, also when the file has become shorter."""
        start, stop, _ = part.indices(self._count)
        data = os.pread(self._fd, (stop - start) * ROW_BYTES, _HEADER.size + start * ROW_BYTES)
        if len(data) != (stop - start) * ROW_BYTES:
            raise OSError("a file of the rows cache was cut")
        return np.frombuffer(data, dtype=np.uint64)

    def checksum(self) -> int:
        crc = 0
        for start in range(0, self._count, _PIECE // ROW_BYTES):
            crc = zlib.crc32(self[start : start + _PIECE // ROW_BYTES].data, crc)
        return crc

    def __del__(self) -> None:
        os.close(self._fd)


class RowsCache:
    """A directory of files. Every failure is a miss: the cache only saves time. Several processes may share it."""

    def __init__(self, directory: Path, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes

    def get(self, key: str) -> StoredRows | None:
        path = self._path(key)
        try:
            rows, checksum = _open(path)
            os.utime(path)
            return rows if rows.checksum() == checksum else None
        except (OSError, struct.error):
            return None

    def has(self, key: str) -> bool:
        """Whether there is a file for it; only `get` tells whether it is whole."""
        return self._path(key).exists()

    def put(self, key: str, rows: Rows) -> None:
        path = self._path(key)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        content = np.ascontiguousarray(rows, dtype="<u8").data
        with contextlib.suppress(OSError):
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with partial.open("wb") as file:
                    file.write(_HEADER.pack(_MAGIC, VERSION, len(rows), zlib.crc32(content)))
                    file.write(content)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
            self._evict()

    def _evict(self) -> None:
        rows = [(entry.stat(), entry.path) for entry in os.scandir(self._directory) if entry.name.endswith(_SUFFIX)]
        files = sorted(rows, key=lambda file: file[0].st_mtime)
        total = sum(status.st_size for status, _ in files)
        if total <= self._max_bytes:
            return
        for status, path in files:
            if total <= self._max_bytes * _KEEP_SHARE:
                return
            Path(path).unlink(missing_ok=True)
            total -= status.st_size

    def _path(self, key: str) -> Path:
        return self._directory / f"{key}{_SUFFIX}"


def _open(path: Path) -> tuple[StoredRows, int]:
    """And the checksum that the file tells. Raises OSError or struct.error when it is none of ours."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    rows = StoredRows(fd, max(0, (os.fstat(fd).st_size - _HEADER.size) // ROW_BYTES))
    magic, version, count, checksum = _HEADER.unpack(os.pread(fd, _HEADER.size, 0))
    if (magic, version, count) != (_MAGIC, VERSION, len(rows)):
        raise OSError(f"{path} is damaged or of another version")
    return rows, checksum
