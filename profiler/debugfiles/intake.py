"""Taking a debug file in, and deleting one. The web process only writes it down; a worker reads it (`reading.py`)."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction

from profiler import access
from profiler.core.channel import TASK_READ_DEBUG_FILE
from profiler.debugfiles import storage
from profiler.debugfiles.wake import wake_naming
from profiler.errors import ConflictError
from profiler.models import DebugFile
from profiler.received import have_it_read, plain_name, write_down


def receive(user: access.Visitor, file_name: str, chunks: Iterable[bytes]) -> DebugFile:
    """Write a debug file down and have it read; it is QUEUED when this returns.

    Raises TooLargeError, InvalidError, ConflictError (no room) or UnavailableError, and then keeps nothing.
    """
    file = DebugFile(uploader=access.operator(user, "upload"), name=plain_name(file_name, "debug file"))
    room, path = storage.room_left(), storage.path_of(file)
    if not room:
        raise ConflictError(f"{file.name}: there is no room: debug files take all they may; delete some first")
    limit = min(storage.MAX_DEBUG_FILE_BYTES, room)
    file.size = write_down(path, file.name, chunks, limit, _advice(limit))
    have_it_read(file, path, file.name, TASK_READ_DEBUG_FILE)
    return file


def delete(user: access.Visitor, file_id: str | UUID) -> None:
    """Delete a debug file; profiles lose the names it gave them, soon after."""
    file = access.deletable_debug_file(user, file_id)
    with transaction.atomic():
        file_on_disk = storage.path_of(file)
        file.delete()
        transaction.on_commit(partial(file_on_disk.unlink, missing_ok=True))
        transaction.on_commit(wake_naming)


def _advice(limit: int) -> str:
    if limit < storage.MAX_DEBUG_FILE_BYTES:
        return "debug files take almost all they may: delete some first"
    return "strip what is not debug information (objcopy --only-keep-debug) or compress it (--compress-debug-sections)"
