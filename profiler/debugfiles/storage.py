"""Where debug files lie, and how much of the disk they may take."""

from pathlib import Path

from django.conf import settings
from django.db.models import Sum

from profiler.models import DebugFile

# The largest that are met in practice, of browsers and compilers, have 1 to 2 GB.
MAX_DEBUG_FILE_BYTES = 2 * 2**30


def directory() -> Path:
    return Path(settings.DATA_DIR) / "debug-files"


def path_of(file: DebugFile) -> Path:
    """Its own name and build id are never part of a path."""
    return directory() / str(file.pk)


def room_left() -> int:
    """Bytes that debug files may still take, of `settings.DEBUG_FILES_BYTES`; 0 when they are over it."""
    taken = DebugFile.objects.exclude(state=DebugFile.State.REFUSED).aggregate(total=Sum("size"))["total"] or 0
    return int(max(0, settings.DEBUG_FILES_BYTES - taken))


def delete_file(file: DebugFile) -> None:
    path_of(file).unlink(missing_ok=True)
