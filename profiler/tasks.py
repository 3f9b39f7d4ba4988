"""The server's Celery tasks: thin, and safe to receive twice."""

from celery import shared_task

from profiler.core.channel import TASK_INGEST, TASK_RECONCILE
from profiler.ingest.drain import drain
from profiler.jobs.reconcile import reconcile as reconcile_runs


@shared_task(name=TASK_INGEST)
def ingest() -> None:
    drain()


@shared_task(name=TASK_RECONCILE)
def reconcile() -> None:
    drain()  # what is already here is not lost
    reconcile_runs()
