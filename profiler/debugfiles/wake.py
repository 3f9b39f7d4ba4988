"""Telling workers that there is something to do. A wake-up that is lost costs minutes: beat repeats it."""

import logging

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from profiler.core.channel import SERVER_QUEUE, TASK_FETCH_DEBUG_FILES, TASK_NAME_PROFILES

log = logging.getLogger(__name__)


def wake_naming() -> None:
    """Profiles may have got or lost a debug file."""
    _wake(TASK_NAME_PROFILES)


def wake_fetching() -> None:
    """Profiles may lack names that a debuginfod server has."""
    if settings.DEBUGINFOD_URLS:
        _wake(TASK_FETCH_DEBUG_FILES)


def _wake(task: str) -> None:
    try:
        current_app.send_task(task, queue=SERVER_QUEUE, retry=False)
    except (OperationalError, RedisError) as error:
        log.warning("%s: not sent: %s", task, error)
