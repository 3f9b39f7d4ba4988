"""Reading an uploaded file as profiles, in a worker, under limits. The file is deleted whatever comes of it."""

import logging
from dataclasses import replace

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from profiler.core import batch
from profiler.core.errors import WebprofError
from profiler.core.profile import Profile
from profiler.formats import registry
from profiler.formats.base import DEFAULT_LIMITS
from profiler.ingest.ids import new_profile_id
from profiler.ingest.memory import memory_limit
from profiler.ingest.store import Origin, store
from profiler.ingest.upload import upload_path
from profiler.models import Upload

log = logging.getLogger(__name__)

# The largest file takes about 2 GB while it is read; a hostile one gets a little more, not the machine.
MAX_READING_BYTES = 3 * 2**30
# The largest file takes about two minutes on an old machine.
READING_TIMEOUT_S = 600


def read_upload(upload_id: str) -> None:
    """Store the profiles of an upload, or say why not. Only the first of several calls does anything."""
    if not Upload.objects.filter(pk=upload_id, state=Upload.State.QUEUED).update(state=Upload.State.READING):
        return
    upload = Upload.objects.select_related("owner").get(pk=upload_id)
    try:
        _store(upload, *_load(upload))
    except WebprofError as error:
        fail(upload, str(error))
    except MemoryError:
        fail(
            upload, f"{upload.file_name}: reading it takes over {MAX_READING_BYTES:,} bytes of memory; filter it first"
        )
    except SoftTimeLimitExceeded:
        fail(upload, f"{upload.file_name}: not read within {READING_TIMEOUT_S} s; filter it or split it")
    except Exception:
        log.exception("upload %s (%s)", upload.pk, upload.file_name)
        fail(upload, f"{upload.file_name}: the server failed while reading it; its worker's log says why")
        raise
    finally:
        upload_path(upload).unlink(missing_ok=True)


def fail(upload: Upload, message: str) -> None:
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.FAILED, message=message[:2000])


def _load(upload: Upload) -> tuple[str, list[tuple[Profile, bytes]]]:
    """The file's format, and its profiles with the batches that will be stored."""
    with memory_limit(MAX_READING_BYTES), upload_path(upload).open("rb") as file:
        head = file.read(registry.HEAD_BYTES)
        guess = registry.sniff(head, upload.file_name, whole=len(head) < registry.HEAD_BYTES)[0]
        file.seek(0)
        profiles = registry.load(file, upload.file_name, DEFAULT_LIMITS)
        return guess.format, [_encoded(profile) for profile in profiles]


def _encoded(profile: Profile) -> tuple[Profile, bytes]:
    """With a new id, and proven to be readable: what can't be decoded later must be refused now."""
    named = replace(profile, meta=replace(profile.meta, id=str(new_profile_id())))
    data = batch.encode(named)
    batch.decode(data)
    return named, data


def _store(upload: Upload, source: str, profiles: list[tuple[Profile, bytes]]) -> None:
    title = upload.title or upload.file_name
    with transaction.atomic():
        for profile, data in profiles:
            several = f" · {profile.meta.kind}" if len(profiles) > 1 else ""
            stored = store(profile, Origin(upload.owner, title[: 200 - len(several)] + several, source), data)
            upload.profiles.add(stored)
        Upload.objects.filter(pk=upload.pk).update(state=Upload.State.DONE)
