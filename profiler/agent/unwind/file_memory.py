"""Files that were walked before, so that a recording knows them from its first sample on."""

import contextlib
import json
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from profiler.agent import atomic
from profiler.agent.unwind.mappings import FileKey
from profiler.debuginfo.elf import Segment

# All that a busy host has mapped; the file is 1 MB then.
MAX_FILES = 4096
_NAME = "files.json"
# Raised when a field is added: old files are forgotten then.
_VERSION = 1


class KnownFile(NamedTuple):
    """`content` is the key of its rows in the rows cache, None when it has none."""

    segments: tuple[Segment, ...]
    content: str | None


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    files: list[tuple[FileKey, tuple[tuple[Segment, ...], str | None]]]


class FileMemory:
    """Least recently used first. A file that changed has another key, so what is remembered is never wrong."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _NAME
        self._files: OrderedDict[FileKey, KnownFile] = OrderedDict()
        with contextlib.suppress(OSError, ValidationError, ValueError):
            stored = _Stored.model_validate_json(self._path.read_bytes())
            if stored.version == _VERSION:
                self._files = OrderedDict((key, KnownFile(*file)) for key, file in stored.files[-MAX_FILES:])

    def get(self, key: FileKey) -> KnownFile | None:
        found = self._files.get(key)
        if found is not None:
            self._files.move_to_end(key)
        return found

    def put(self, key: FileKey, file: KnownFile) -> None:
        self._files[key] = file
        if len(self._files) > MAX_FILES:
            self._files.popitem(last=False)

    def newest_first(self) -> list[tuple[FileKey, KnownFile]]:
        return list(reversed(self._files.items()))

    def save(self) -> None:
        """Without it the next recording learns the files again."""
        data = {"version": _VERSION, "files": list(self._files.items())}
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.write(self._path, json.dumps(data).encode())
