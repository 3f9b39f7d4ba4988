"""What the worker does for the profile store, again and again. Two at once do no harm: one of them is overtaken."""

import logging
import time

from django.utils import timezone

from profiler.catalog.local import local_store
from profiler.core.range_cover import DAY_MS
from profiler.store.errors import OvertakenError, StoreError
from profiler.store.levels import merge_level
from profiler.store.retention import expire, sweep

log = logging.getLogger(__name__)
# One round is a few seconds; a worker that is stuck must not hold its place for ever.
LONGEST_S = 600
# What is left waits for the next time, so that other tasks get their turn.
ENOUGH_S = 20


def compact() -> int:
    """Move what waits into segments, then merge levels, for up to ENOUGH_S; returns how many profiles."""
    store, begin, count = local_store(), time.monotonic(), 0
    try:
        while time.monotonic() < begin + ENOUGH_S:
            done = store.compactor.compact()
            count += done.profiles
            if not done.profiles and merge_level(store.catalog, store.files) is None:
                break
    except OvertakenError as error:
        log.info("compaction: %s", error)
    except StoreError:
        log.exception("compaction stopped; profiles wait and nothing is lost")
    return count


def tidy() -> None:
    """Let go of what is past its time, and of files that nobody needs."""
    store = local_store()
    try:
        expire(store.catalog, time.time_ns() // 1_000_000 // DAY_MS)
    except OvertakenError as error:
        log.info("retention: %s", error)
    sweep(store.catalog, store.files.root, timezone.now())
