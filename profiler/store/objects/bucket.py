"""Segments as objects of any store that fsspec reaches. Names are those of the catalog, `2026-11-22/raw-….parquet`."""

import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from profiler.store.errors import StoreError, UnavailableError
from profiler.store.files import sync
from profiler.store.objects.address import ObjectAddress

# Says whose the place is: a sweep deletes what the catalog doesn't know.
MARKER = "webprof-store.json"
MAX_MARKER = 4096
ASIDE = "damaged"
# Read at once: most segments in one request, and a few of them beside each other in little memory.
PIECE = 4 * 2**20
# Of what stands beside them nothing is ever deleted.
_OURS = re.compile(r"\d{4}-\d\d-\d\d/\w+-[0-9a-f]{32}\.parquet")


class DamagedError(Exception):
    """An object is not what the catalog says, or not there; the text tells how."""


@dataclass(frozen=True)
class Found:
    """An object of a listing. `changed_s` is Unix time, by the store's clock."""

    bytes: int
    changed_s: float


class Bucket:
    """Raises UnavailableError, without secrets, for whatever the store answers or doesn't."""

    def __init__(self, address: ObjectAddress) -> None:
        self.address = address
        # By process id: connections and the threads behind them don't outlive a fork.
        self._systems: dict[int, Any] = {}
        self._lock = Lock()

    def put(self, name: str, file: Path) -> None:
        """When this returns the object is there, whole. Raises UnavailableError."""
        with self._told(f"putting {name}"):
            system, path = self._system(), self._path(name)
            system.put_file(str(file), path)
            there, size = system.size(path), file.stat().st_size
            if there != size:
                raise OSError(f"{there} of {size} bytes arrived")
            if self.address.protocol == "file":
                self._sync(Path(path))

    def read(self, name: str, size: int, crc32: int) -> Iterator[bytes]:
        """Its content in pieces, never more than its size: nobody knows who wrote what is there.

        Raises DamagedError, also when there is none, as soon as it shows; UnavailableError.
        """
        start, sum_ = 0, 0
        while start < size:
            # One byte more at the end, which must not be there. No request begins at the end: that is an error.
            end = start + PIECE if size - start > PIECE else size + 1
            piece = self._piece(name, start, end)
            start, sum_ = start + len(piece), zlib.crc32(piece, sum_)
            if start != min(end, size):
                raise DamagedError(f"has {'more than ' if start > size else ''}{min(start, size)} bytes, not {size}")
            yield piece
        if sum_ != crc32:
            raise DamagedError("damaged: its checksum is another")

    def _piece(self, name: str, start: int, end: int) -> bytes:
        with self._told(f"reading {name}"):
            try:
                piece: bytes = self._system().cat_file(self._path(name), start=start, end=end)
            except FileNotFoundError:
                raise DamagedError("missing") from None
            except OSError:
                # Asked for what lies behind the end, stores answer with errors of their own.
                if start and self._system().size(self._path(name)) <= start:
                    return b""
                raise
        return piece

    def remove(self, name: str) -> None:
        """It may be gone already. Raises UnavailableError."""
        with self._told(f"deleting {name}"), suppress(FileNotFoundError):
            self._system().rm_file(self._path(name))

    def put_aside(self, name: str) -> None:
        """Copy it out of the way of the sweep, for somebody to look at. It may be gone. Raises UnavailableError."""
        with self._told(f"putting aside {name}"), suppress(FileNotFoundError):
            self._system().cp_file(self._path(name), self._path(f"{ASIDE}/{name.rpartition('/')[2]}"))

    def names(self) -> Mapping[str, Found]:
        """All segments that are there. Raises UnavailableError."""
        with self._told("listing"):
            system, root = self._system(), self._path("")
            try:
                system.invalidate_cache()
                found = system.find(root, detail=True)
            except FileNotFoundError:
                return {}
            return {
                name.removeprefix(root).strip("/"): Found(info["size"], _changed(system, name, info))
                for name, info in found.items()
                if _OURS.fullmatch(name.removeprefix(root).strip("/"))
            }

    def claim(self, identity: str, known: bool) -> None:
        """Make sure that this is the place of that catalog. `known`: it lists objects, so there must be a marker.

        Raises StoreError for a place of somebody else, or one that is not what it was; UnavailableError.
        """
        owner = self._owner()
        if owner is None and known:
            raise StoreError(
                f"{self.address} has no {MARKER}, but the catalog lists segments there: set WEBPROF_STORE to where they"
                " are, or copy all objects to the new place"
            )
        if owner is None:
            with self._told(f"writing {MARKER}"):
                self._system().pipe_file(self._path(MARKER), json.dumps({"catalog": identity}).encode())
        elif owner != identity:
            raise StoreError(f"{self.address} belongs to another webprof ({MARKER} says so): give each its own prefix")

    def _owner(self) -> str | None:
        with self._told(f"reading {MARKER}"):
            try:
                text = self._system().cat_file(self._path(MARKER), start=0, end=MAX_MARKER)
            except FileNotFoundError:
                return None
        try:
            return str(json.loads(text)["catalog"])
        except (ValueError, TypeError, KeyError):
            return ""

    def _path(self, name: str) -> str:
        root = str(self._system()._strip_protocol(self.address.url)).rstrip("/")  # noqa: SLF001 fsspec's own way
        return f"{root}/{name}" if name else root

    def _system(self) -> Any:
        with self._lock:
            pid = os.getpid()
            if pid not in self._systems:
                self._systems[pid] = self.address.open()
            return self._systems[pid]

    @staticmethod
    def _sync(path: Path) -> None:
        """Also the directories that this may have made."""
        for one in (path, path.parent, path.parent.parent):
            sync(one)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (DamagedError, StoreError):
            raise
        except Exception as error:
            # Not chained: the client's words may hold secrets, and chained errors are logged.
            raise UnavailableError(f"{self.address}: {what}: {self.address.without_secrets(error)}") from None


def _changed(system: Any, name: str, info: Mapping[str, Any]) -> float:
    found = next((info[key] for key in ("LastModified", "mtime", "created", "updated") if key in info), None)
    if found is None:
        found = system.modified(name)
    if isinstance(found, datetime):
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return float(found)
