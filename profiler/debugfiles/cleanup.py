"""What lost workers and closed laptops leave behind of debug files."""

import time
from datetime import timedelta

from django.utils import timezone

from profiler.debugfiles.reading import refuse
from profiler.debugfiles.storage import directory
from profiler.models import DebugFile

# A file still waiting after this was lost with its worker: fetching a large one takes minutes, and queues are short.
ABANDONED = timedelta(hours=1)
# Who sent a file has seen by then why it was refused.
KEPT = timedelta(days=7)
OPEN = (DebugFile.State.QUEUED, DebugFile.State.READING)


def clean_debug_files() -> None:
    """Refuse files whose worker was lost, forget old refusals, delete what belongs to no row."""
    now = timezone.now()
    for file in DebugFile.objects.filter(state__in=OPEN, created_at__lt=now - ABANDONED):
        refuse(file, f"{file.name}: reading it was interrupted; send it again")
    DebugFile.objects.filter(state=DebugFile.State.REFUSED, created_at__lt=now - KEPT).delete()
    _delete_orphans()


def _delete_orphans() -> None:
    wanted = {str(pk) for pk in DebugFile.objects.exclude(state=DebugFile.State.REFUSED).values_list("pk", flat=True)}
    limit = time.time() - ABANDONED.total_seconds()  # younger ones may be arriving just now
    for path in directory().glob("*"):
        if path.name not in wanted and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
