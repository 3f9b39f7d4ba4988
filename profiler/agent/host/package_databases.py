"""What distributions write about packages: dpkg's and apk's lists, which are text, and RPM's database, asked by rpm."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

_DPKG = Path("/var/lib/dpkg/info")
# Since apk 3 on systems with a merged /usr, and before.
_APK = (Path("/usr/lib/apk/db/installed"), Path("/lib/apk/db/installed"))
# Fedora's and openSUSE's place, and the older one; as SQLite, ndb and Berkeley DB.
_RPM = tuple(
    Path(directory, name)
    for directory in ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
    for name in ("rpmdb.sqlite", "Packages.db", "Packages")
)
# The longest lists (documentation, kernel sources) have some ten thousand files; apk's has those of all packages.
_MAX_LIST_BYTES = 64 << 20
# A cold database of 2,000 packages takes a second.
_RPM_TIMEOUT_S = 20.0


class Dpkg:
    """Debian and what is made of it: one list of files per package."""

    name = "dpkg"

    def __init__(self, info: Path = _DPKG) -> None:
        self._info = info

    def files(self) -> Iterable[Path]:
        return (self._info,)

    def owners(self, by_listed: Mapping[str, str]) -> dict[str, str]:
        """One pass over all lists: 20 ms for 800 packages."""
        wanted = {listed.encode(): path for listed, path in by_listed.items()}
        found: dict[str, str] = {}
        for file in self._info.glob("*.list"):
            try:
                with file.open("rb") as lines:
                    listed = wanted.keys() & set(lines.read(_MAX_LIST_BYTES).split(b"\n"))
            except OSError:  # removed meanwhile
                continue
            found |= {wanted[line]: file.stem.partition(":")[0] for line in listed}
        return found


class Apk:
    """Alpine: one list of all packages, a field in each line. P: package; F: a directory of it; R: a file in that."""

    name = "apk"

    def __init__(self, installed: Iterable[Path] = _APK) -> None:
        self._installed = tuple(installed)

    def files(self) -> Iterable[Path]:
        return self._installed

    def owners(self, by_listed: Mapping[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        package = directory = ""
        for line in self._lines():
            field, _, value = line.partition(":")
            if field == "P":
                package = value
            elif field == "F":
                directory = value
            elif field == "R" and (path := by_listed.get(f"/{directory}/{value}" if directory else f"/{value}")):
                found[path] = package
        return found

    def _lines(self) -> list[str]:
        file = next((path for path in self._installed if path.exists()), None)
        if file is None:
            return []
        with file.open("rb") as lines:
            return lines.read(_MAX_LIST_BYTES).decode(errors="replace").splitlines()


class Rpm:
    """Fedora, RHEL, openSUSE: three kinds of database, so the program that made it reads it."""

    name = "rpm"

    def __init__(self, databases: Iterable[Path] = _RPM, command: tuple[str, ...] = ("rpm",)) -> None:
        self._databases = tuple(databases)
        self._command = command

    def files(self) -> Iterable[Path]:
        return self._databases

    def owners(self, by_listed: Mapping[str, str]) -> dict[str, str]:
        """rpm prints all files of the packages that own these: which file is whose does not hang on any order."""
        ask = ("--query", "--queryformat", "[%{=NAME}\\t%{FILENAMES}\\n]", "--file")
        try:
            done = subprocess.run(
                [*self._command, *ask, *sorted(set(by_listed.values()))],
                capture_output=True, text=True, errors="replace", timeout=_RPM_TIMEOUT_S, stdin=subprocess.DEVNULL,
                check=False,  # it fails when one of the files belongs to no package
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return {}
        owned = (line.partition("\t") for line in done.stdout.splitlines())  # files of none are sentences without a tab
        return {by_listed[listed]: package for package, _, listed in owned if listed in by_listed}
