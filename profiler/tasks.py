"""The server's Celery tasks: thin, and safe to receive twice."""

from celery import shared_task

from profiler.bpftrace.retention import clean_programs
from profiler.bpftrace.states import give_up_lost
from profiler.catalog import upkeep
from profiler.checkups import collect
from profiler.checkups.retention import clean_checkups
from profiler.checkups.wake import look_again
from profiler.core.channel import (
    TASK_CHECKUP,
    TASK_CLEANUP,
    TASK_COMPACT,
    TASK_COUNTERS,
    TASK_FETCH_DEBUG_FILES,
    TASK_HISTOGRAMS,
    TASK_INGEST,
    TASK_NAME_PROFILES,
    TASK_READ_DEBUG_FILE,
    TASK_READ_UPLOAD,
    TASK_RECONCILE,
)
from profiler.debugfiles import fetching, naming
from profiler.debugfiles import reading as debug_file_reading
from profiler.debugfiles.cleanup import clean_debug_files
from profiler.fleet import rules
from profiler.fleet.desired import follow_plans
from profiler.ingest import cleanup as leftovers
from profiler.ingest import counters, histograms, reading
from profiler.ingest.drain import drain
from profiler.jobs.reconcile import reconcile as reconcile_runs
from profiler.sharing.login import delete_expired_links


@shared_task(name=TASK_INGEST)
def ingest() -> None:
    drain()


@shared_task(name=TASK_RECONCILE)
def reconcile() -> None:
    drain()  # a result that is already here is not lost
    alive = reconcile_runs()
    give_up_lost(set(alive))
    follow_plans(alive, rules.variables())
    collect.finish_late()


# The hard limit is for code that does not notice the soft one.
@shared_task(
    name=TASK_READ_UPLOAD,
    soft_time_limit=reading.READING_TIMEOUT_S,
    time_limit=reading.READING_TIMEOUT_S + 30,
)
def read_upload(upload_id: str) -> None:
    reading.read_upload(upload_id)


@shared_task(
    name=TASK_READ_DEBUG_FILE,
    soft_time_limit=debug_file_reading.READING_TIMEOUT_S,
    time_limit=debug_file_reading.READING_TIMEOUT_S + 30,
)
def read_debug_file(file_id: str) -> None:
    debug_file_reading.read_debug_file(file_id)


@shared_task(name=TASK_NAME_PROFILES, time_limit=naming.LONGEST_S)
def name_profiles() -> None:
    naming.name_profiles()


@shared_task(name=TASK_FETCH_DEBUG_FILES, time_limit=fetching.LONGEST_S)
def fetch_debug_files() -> None:
    fetching.fetch_debug_files()


@shared_task(name=TASK_COMPACT, time_limit=upkeep.LONGEST_S)
def compact() -> None:
    upkeep.compact()


@shared_task(name=TASK_COUNTERS, time_limit=counters.LONGEST_S)
def take_counters() -> None:
    counters.take()


@shared_task(name=TASK_HISTOGRAMS, time_limit=histograms.LONGEST_S)
def keep_histograms() -> None:
    histograms.take()


@shared_task(name=TASK_CLEANUP)
def cleanup() -> None:
    upkeep.tidy()
    counters.forget()
    histograms.forget()
    delete_expired_links()
    leftovers.clean_uploads()
    clean_debug_files()
    clean_programs()
    clean_checkups()


@shared_task(name=TASK_CHECKUP)
def checkup(checkup_id: str) -> None:
    """Looks again in a while until it is complete."""
    if collect.advance(checkup_id):
        look_again(checkup_id)
