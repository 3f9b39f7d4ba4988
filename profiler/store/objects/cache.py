"""Copies of objects on the local disk, where DuckDB reads them: the least recently used leave first."""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from uuid import uuid4

from profiler.store.files import UNFINISHED, checksum

# A copy says when it was used by its file's time; writing that down more often than this would be work for nothing.
TOUCH_S = 60
# What was fetched just now, maybe by another process, is going to be read: it stays, even over the limit for a while.
FRESH_S = 10
# What nobody asked for in a day goes: so do copies of segments that were deleted meanwhile.
IDLE_S = 86_400
# Older than any fetch: of a process that was killed.
ABANDONED_S = 3600


class Cache:
    """A flat directory, shared by all processes of a machine. Names are of files, unique for ever."""

    def __init__(self, root: Path, limit: int) -> None:
        self.root, self.limit = root, limit
        self._used: Counter[str] = Counter()
        self._lock = Lock()

    def path(self, name: str) -> Path:
        return self.root / name

    def has(self, name: str, size: int) -> bool:
        """Whether there is a copy of that size; then it counts as used now."""
        path = self.path(name)
        try:
            found = path.stat()
            if found.st_size != size:
                return False
            if found.st_mtime < time.time() - TOUCH_S:
                os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def is_whole(self, name: str, size: int, crc32: int) -> bool:
        """The same after reading it."""
        try:
            return self.has(name, size) and checksum(self.path(name)) == crc32
        except FileNotFoundError:
            return False

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Keep what comes, when all of it has come. Not synced: a copy of another size than it should have is none."""
        self.root.mkdir(parents=True, exist_ok=True)
        unfinished = self.path(f"{name}.{uuid4().hex}{UNFINISHED}")
        try:
            with unfinished.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
            unfinished.rename(self.path(name))
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def adopt(self, file: Path, name: str) -> None:
        """Move a file of the same disk here."""
        self.root.mkdir(parents=True, exist_ok=True)
        file.rename(self.path(name))

    def drop(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    @contextmanager
    def using(self, names: Iterable[str]) -> Iterator[None]:
        """This process does not evict these meanwhile."""
        mine = list(names)
        with self._lock:
            self._used.update(mine)
        try:
            yield
        finally:
            with self._lock:
                self._used.subtract(mine)
                self._used += Counter()

    def shrink(self, room: int = 0) -> None:
        """Evict until so many bytes more would fit, if they can. Who reads one that goes asks for it again."""
        with self._lock:
            used = set(self._used)
        now = time.time()
        files = sorted(self._files(), key=lambda file: file[1])
        too_much = sum(size for _, _, size in files) + room - self.limit
        for name, at_s, size in files:
            unfinished = name.endswith(UNFINISHED)
            if name in used or at_s > now - (ABANDONED_S if unfinished else FRESH_S):
                continue
            if too_much > 0 or unfinished or at_s < now - IDLE_S:
                self.drop(name)
                too_much -= size

    def bytes(self) -> int:
        return sum(size for _, _, size in self._files())

    def _files(self) -> Iterator[tuple[str, float, int]]:
        if self.root.is_dir():
            for entry in os.scandir(self.root):
                with suppress(FileNotFoundError):
                    found = entry.stat()
                    yield entry.name, found.st_mtime, found.st_size
