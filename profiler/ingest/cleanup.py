"""What lost workers and closed laptops leave behind."""

import time
from datetime import timedelta

from django.utils import timezone

from profiler.ingest.reading import READING_TIMEOUT_S, fail
from profiler.ingest.upload import upload_directory
from profiler.models import Upload

# An upload still waiting after this was lost with its worker: reading never takes so long, and queues are short.
ABANDONED = timedelta(seconds=6 * READING_TIMEOUT_S)
# Who sent a file has seen what came of it by then.
KEPT = timedelta(days=7)
OPEN = (Upload.State.QUEUED, Upload.State.READING)


def clean_uploads() -> None:
    """Fail uploads whose worker was lost, delete files that belong to none, forget old ones."""
    now = timezone.now()
    for upload in Upload.objects.filter(state__in=OPEN, created_at__lt=now - ABANDONED):
        fail(upload, f"{upload.file_name}: reading it was interrupted; send it again")
    Upload.objects.exclude(state__in=OPEN).filter(created_at__lt=now - KEPT).delete()
    _delete_orphans()


def _delete_orphans() -> None:
    wanted = {str(pk) for pk in Upload.objects.filter(state__in=OPEN).values_list("pk", flat=True)}
    limit = time.time() - ABANDONED.total_seconds()  # younger ones may be arriving just now
    for path in upload_directory().glob("*"):
        if path.name not in wanted and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
