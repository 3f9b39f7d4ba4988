"""Files that people and other servers send, on their way to the disk: bounded, whole or not there."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath

from celery import current_app
from django.db import transaction
from django.db.models import Model
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from profiler.core.channel import SERVER_QUEUE
from profiler.errors import InvalidError, TooLargeError, UnavailableError

MAX_FILE_NAME = 255


def plain_name(file_name: str, default: str) -> str:
    """The last part of a name without what can't be shown; browsers and scripts send all sorts."""
    last = PurePosixPath(file_name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:MAX_FILE_NAME] or default


def write_down(path: Path, name: str, chunks: Iterable[bytes], limit: int, advice: str) -> int:
    """Write what comes, in a directory for this server only; returns the bytes. `name` is what messages call it.

    Raises TooLargeError as soon as it is over the limit, with `advice` on what to do, or InvalidError when it is
    empty. Whatever is raised, also by `chunks`: nothing stays.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _write(path, name, chunks, limit, advice)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def have_it_read(row: Model, path: Path, name: str, task: str) -> None:
    """Save the row of a file that was written down, and queue `task`, which reads it, with the row's key.

    Raises UnavailableError when Redis takes no task. Whatever is raised: neither row nor file stays.
    """
    try:
        with transaction.atomic():
            row.save()
            transaction.on_commit(partial(_queue, row, name, task))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _queue(row: Model, name: str, task: str) -> None:
    try:
        current_app.send_task(task, args=[str(row.pk)], queue=SERVER_QUEUE, retry=False)
    except (OperationalError, RedisError) as error:
        row.delete()
        raise UnavailableError(f"Redis took no task to read {name}: {error}; send it again") from error


def _write(path: Path, name: str, chunks: Iterable[bytes], limit: int, advice: str) -> int:
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLargeError(f"{name}: over the limit of {limit:,} bytes; {advice}", "file")
            file.write(chunk)
    if size == 0:
        raise InvalidError(f"{name}: the file is empty", "file")
    return size
