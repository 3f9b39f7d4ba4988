"""Reading a debug file, in a worker: it becomes ready, or refused with the reason and without its file."""

import logging
from datetime import datetime, timedelta
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction
from django.utils import timezone

from profiler.core.errors import WebprofError
from profiler.debugfiles.inspection import DebugFileError, DebugFileFacts, inspect
from profiler.debugfiles.storage import path_of
from profiler.debugfiles.wake import wake_naming
from profiler.models import DebugFile

log = logging.getLogger(__name__)

# Headers are read in milliseconds, whatever they say.
READING_TIMEOUT_S = 60
# A server that sent something unusable will send the same for a while.
ASK_AGAIN_WHEN_UNUSABLE = timedelta(days=1)


def read_debug_file(file_id: str) -> None:
    """Read an uploaded file. Only the first of several calls does anything."""
    queued = DebugFile.objects.filter(pk=file_id, state=DebugFile.State.QUEUED)
    if queued.update(state=DebugFile.State.READING):
        accept(DebugFile.objects.get(pk=file_id))


def accept(file: DebugFile, expected: str = "") -> None:
    """Make a file ready, or refuse it. `expected` is the build that was asked for, where one was."""
    try:
        _make_ready(file, inspect(path_of(file), expected))
    except WebprofError as error:
        refuse(file, f"{file.name}: {error}")
    except SoftTimeLimitExceeded:
        refuse(file, f"{file.name}: not read within {READING_TIMEOUT_S} s")
    except IntegrityError:
        refuse(file, f"{file.name}: another file of this build was read at the same moment; send it again")
    except Exception:
        log.exception("debug file %s (%s)", file.pk, file.name)
        refuse(file, f"{file.name}: the server failed while reading it; its worker's log says why")
        raise


def refuse(file: DebugFile, message: str, ask_again_at: datetime | None = None) -> None:
    if file.origin == DebugFile.Origin.DEBUGINFOD and ask_again_at is None:
        ask_again_at = timezone.now() + ASK_AGAIN_WHEN_UNUSABLE
    DebugFile.objects.filter(pk=file.pk).update(
        state=DebugFile.State.REFUSED, message=message[:2000], ask_again_at=ask_again_at
    )
    path_of(file).unlink(missing_ok=True)


def _make_ready(file: DebugFile, facts: DebugFileFacts) -> None:
    """In the place of an older file of the same build, unless that one knows more."""
    with transaction.atomic():
        older = DebugFile.objects.filter(state=DebugFile.State.READY, build_id=facts.build_id).first()
        if older is not None:
            if older.has_lines and not facts.has_lines:
                raise DebugFileError(
                    f"there already is {older.name} of this build ({facts.build_id}), with source lines, which this "
                    "one lacks; delete that one first if you want this one"
                )
            transaction.on_commit(partial(path_of(older).unlink, missing_ok=True))
            older.delete()
        file.build_id, file.has_lines, file.state = facts.build_id, facts.has_lines, DebugFile.State.READY
        file.save(update_fields=["build_id", "has_lines", "state"])
        transaction.on_commit(wake_naming)
