"""Files that are there whole or not at all, also after a power cut."""

import os
from pathlib import Path

PARTIAL = ".partial"


def write(path: Path, data: bytes) -> None:
    """Write, flush to the disk, then rename into place. Raises OSError and leaves the old file on any failure."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames and removals in a directory last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
