"""What the worker does for the profile store, again and again. Two at once do no harm: one of them is overtaken."""

import logging
import time

from django.utils import timezone

from profiler.catalog import deletions
from profiler.catalog.local import local_store
from profiler.store.errors import OvertakenError, StoreError

log = logging.getLogger(__name__)
# One round is a few seconds; a worker that is stuck must not hold its place for ever.
LONGEST_S = 600
# What is left waits for the next time, so that other tasks get their turn.
ENOUGH_S = 20


def compact() -> int:
    """Delete what was asked for, move what waits into segments, merge levels; returns how many moved.

    After ENOUGH_S the rest waits.
    """
    store, begin, count = local_store(), time.monotonic(), 0
    try:
        deletions.settle(store)
        while time.monotonic() < begin + ENOUGH_S:
            moved = store.compact()
            count += moved
            if not moved and not store.merge_levels():
                break
    except OvertakenError as error:
        log.info("compaction: %s", error)
    except StoreError:
        log.exception("compaction stopped; profiles wait and nothing is lost")
    return count


def tidy() -> None:
    """Let go of what is past its time, and of files that nobody needs."""
    try:
        local_store().expire(timezone.now())
    except OvertakenError as error:
        log.info("retention: %s", error)
