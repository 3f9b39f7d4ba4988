"""Taking a file in. The web process only writes it down; a worker reads it (see `reading.py`)."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from profiler import access
from profiler.core.channel import SERVER_QUEUE, TASK_READ_UPLOAD
from profiler.errors import InvalidError, TooLargeError, UnavailableError
from profiler.formats.base import DEFAULT_LIMITS
from profiler.models import Upload

# The largest file the importers promise to read.
MAX_UPLOAD_BYTES = DEFAULT_LIMITS.input_bytes
MAX_TITLE = 200
MAX_FILE_NAME = 255


def receive(user: access.Visitor, file_name: str, chunks: Iterable[bytes], title: str = "") -> Upload:
    """Write a file down and have it read; the upload is QUEUED when this returns.

    Raises TooLargeError, InvalidError or UnavailableError, and then keeps nothing.
    """
    owner = access.operator(user, "upload")
    if len(title) > MAX_TITLE:
        raise InvalidError(f"title: {len(title)} characters are over the limit of {MAX_TITLE}", "title")
    upload = Upload(owner=owner, file_name=_plain(file_name), title=title.strip())
    path = upload_path(upload)
    try:
        upload.size = _write(path, upload.file_name, chunks)
        with transaction.atomic():
            upload.save()
            transaction.on_commit(partial(_have_it_read, upload))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return upload


def upload_directory() -> Path:
    return Path(settings.DATA_DIR) / "uploads"


def upload_path(upload: Upload) -> Path:
    """Where the file is until it is read. Its own name is never part of a path."""
    return upload_directory() / str(upload.pk)


def _plain(file_name: str) -> str:
    """The last part of a name without what can't be shown; browsers and scripts send all sorts."""
    last = PurePosixPath(file_name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:MAX_FILE_NAME] or "upload"


def _write(path: Path, name: str, chunks: Iterable[bytes]) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_UPLOAD_BYTES:
                raise TooLargeError(
                    f"{name}: over the limit of {MAX_UPLOAD_BYTES:,} bytes; filter it or split it", "file"
                )
            file.write(chunk)
    if size == 0:
        raise InvalidError(f"{name}: the file is empty", "file")
    return size


def _have_it_read(upload: Upload) -> None:
    try:
        current_app.send_task(TASK_READ_UPLOAD, args=[str(upload.pk)], queue=SERVER_QUEUE, retry=False)
    except (OperationalError, RedisError) as error:
        upload.delete()
        raise UnavailableError(f"Redis took no task to read {upload.file_name}: {error}; send it again") from error
