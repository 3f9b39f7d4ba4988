"""Whether the browser's files must be gathered again: `collectstatic` costs seconds and mostly has nothing to do."""

import hashlib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

# Whose static files are gathered besides our own.
PACKAGES = ("django", "django-ninja", "whitenoise")


class StaticFiles:
    """The gathered files of one data directory, and what they were made from."""

    def __init__(self, checkout: Path, data: Path) -> None:
        self._source = checkout / "static"
        self._code = [checkout / name for name in ("webprof/staticfiles.py", "profiler/joined_files.py")]
        self._target = data / "static"
        # Root's: written only after the service user's command has succeeded.
        self._stamp = data / "static.stamp"

    def are_current(self) -> bool:
        made_from = self._stamp.read_text() if self._stamp.exists() else ""
        return (self._target / "staticfiles.json").exists() and made_from == self._fingerprint()

    def note_gathered(self) -> None:
        self._stamp.write_text(self._fingerprint())

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for part in self._parts():
            digest.update(part.encode() + b"\0")
        return digest.hexdigest()

    def _parts(self) -> Iterator[str]:
        yield from (f"{package} {metadata.version(package)}" for package in PACKAGES)
        for path in sorted([*self._code, *self._source.rglob("*")]):
            status = path.stat()
            yield f"{path} {status.st_size} {status.st_mtime_ns}"
