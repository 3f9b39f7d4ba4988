"""Telling a worker that there is something to do for the profile store. A wake-up that is lost costs half a minute."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from profiler.core.channel import SERVER_QUEUE, TASK_COMPACT

log = logging.getLogger(__name__)


def wake_compaction() -> None:
    try:
        current_app.send_task(TASK_COMPACT, queue=SERVER_QUEUE, retry=False)
    except (OperationalError, RedisError) as error:
        log.warning("%s: not sent: %s", TASK_COMPACT, error)
