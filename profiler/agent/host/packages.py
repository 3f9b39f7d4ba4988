"""Which package of the distribution owns a file: asked once, and again when the package manager's files change."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from profiler.agent.host.package_databases import Apk, Dpkg, Rpm


class PackageDatabase(Protocol):
    """Of one package manager."""

    @property
    def name(self) -> str: ...

    def files(self) -> Iterable[Path]:
        """What changes when packages do; none of them exists where another package manager is used."""
        ...

    def owners(self, by_listed: Mapping[str, str]) -> dict[str, str]:
        """Package by path. `by_listed`: paths by each spelling that a list may have. May raise OSError."""
        ...


class Owner(NamedTuple):
    """`packager` says so."""

    package: str = ""
    packager: str = ""


class PackageOwners:
    """Thread-safe. Only the host's own files: a container's are looked up where it was built."""

    def __init__(self, databases: Sequence[PackageDatabase] | None = None) -> None:
        self._databases = (Dpkg(), Rpm(), Apk()) if databases is None else databases
        self._lock = threading.Lock()
        self._known: dict[str, Owner] = {}
        self._known_at: tuple[int, ...] = ()

    def of(self, paths: Iterable[str]) -> dict[str, Owner]:
        """Owner by path; without those that no package owns, and empty where there is no package manager we know."""
        wanted = set(paths)
        with self._lock:
            changed_at = tuple(at for database in self._databases for at in _changed_at(database))
            if changed_at != self._known_at:
                self._known, self._known_at = {}, changed_at
            unknown = wanted - self._known.keys()
            if unknown:
                self._known |= dict.fromkeys(unknown, Owner()) | self._asked(unknown)
            return {path: owner for path in wanted if (owner := self._known[path]).package}

    def _asked(self, paths: set[str]) -> dict[str, Owner]:
        """The first that knows a file counts: a Debian may have an empty database of RPM."""
        found: dict[str, Owner] = {}
        by_listed = {listed: path for path in paths for listed in _as_listed(path)}
        for database in self._databases:
            if not _changed_at(database):
                continue
            try:
                owners = database.owners(by_listed)
            except OSError:  # removed meanwhile
                continue
            found = {path: Owner(package, database.name) for path, package in owners.items()} | found
        return found


def _changed_at(database: PackageDatabase) -> tuple[int, ...]:
    """Empty when the host has no such package manager."""
    found = []
    for path in database.files():
        try:
            found.append(path.stat().st_mtime_ns)
        except OSError:
            continue
    return tuple(found)


def _as_listed(path: str) -> tuple[str, ...]:
    """Packages may still name a file by the directory that is a link into /usr now."""
    return (path, path.removeprefix("/usr")) if path.startswith("/usr/") else (path,)
