"""The server's Celery tasks: thin, and safe to receive twice."""

from celery import shared_task

from profiler.core.channel import TASK_CLEANUP, TASK_INGEST, TASK_READ_UPLOAD, TASK_RECONCILE
from profiler.ingest import cleanup as leftovers
from profiler.ingest import reading
from profiler.ingest.drain import drain
from profiler.jobs.reconcile import reconcile as reconcile_runs
from profiler.sharing.login import delete_expired_links


@shared_task(name=TASK_INGEST)
def ingest() -> None:
    drain()


@shared_task(name=TASK_RECONCILE)
def reconcile() -> None:
    drain()  # a result that is already here is not lost
    reconcile_runs()


# The hard limit is for code that does not notice the soft one.
@shared_task(
    name=TASK_READ_UPLOAD,
    soft_time_limit=reading.READING_TIMEOUT_S,
    time_limit=reading.READING_TIMEOUT_S + 30,
)
def read_upload(upload_id: str) -> None:
    reading.read_upload(upload_id)


@shared_task(name=TASK_CLEANUP)
def cleanup() -> None:
    delete_expired_links()
    leftovers.clean_uploads()
