"""Taking a file in. The web process only writes it down; a worker reads it (see `reading.py`)."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from profiler import access
from profiler.core.channel import TASK_READ_UPLOAD
from profiler.errors import InvalidError
from profiler.formats.base import DEFAULT_LIMITS
from profiler.models import Upload
from profiler.received import have_it_read, plain_name, write_down

# The largest file the importers promise to read.
MAX_UPLOAD_BYTES = DEFAULT_LIMITS.input_bytes
MAX_TITLE = 200


def receive(user: access.Visitor, file_name: str, chunks: Iterable[bytes], title: str = "") -> Upload:
    """Write a file down and have it read; the upload is QUEUED when this returns.

    Raises TooLargeError, InvalidError or UnavailableError, and then keeps nothing.
    """
    owner = access.operator(user, "upload")
    if len(title) > MAX_TITLE:
        raise InvalidError(f"title: {len(title)} characters are over the limit of {MAX_TITLE}", "title")
    upload = Upload(owner=owner, file_name=plain_name(file_name, "upload"), title=title.strip())
    path = upload_path(upload)
    upload.size = write_down(path, upload.file_name, chunks, MAX_UPLOAD_BYTES, "filter it or split it")
    have_it_read(upload, path, upload.file_name, TASK_READ_UPLOAD)
    return upload


def upload_directory() -> Path:
    return Path(settings.DATA_DIR) / "uploads"


def upload_path(upload: Upload) -> Path:
    """Where the file is until it is read. Its own name is never part of a path."""
    return upload_directory() / str(upload.pk)
