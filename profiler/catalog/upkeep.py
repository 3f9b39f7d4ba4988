"""What the worker does for the profile store, again and again. Two at once do no harm: one of them is overtaken."""

import logging
import time

from django.utils import timezone

from profiler.catalog import deletions
from profiler.catalog.local import local_store
from profiler.catalog.rounds import told
from profiler.store.errors import OvertakenError, StoreError

log = logging.getLogger(__name__)
# One round is a few seconds; a worker that is stuck must not hold its place for ever.
LONGEST_S = 600
# What is left waits for the next time, so that other tasks get their turn.
ENOUGH_S = 20
COMPACTION, RETENTION = "compaction", "retention"


def compact() -> int:
    """Delete what was asked for, move what waits into segments, merge levels; returns how many moved.

    After ENOUGH_S the rest waits.
    """
    store, begin, count, merges = local_store(), time.monotonic(), 0, 0
    with told(COMPACTION) as this:
        try:
            deletions.settle(store)
            while time.monotonic() < begin + ENOUGH_S:
                moved = store.compact()
                count += moved
                if not moved:
                    if not store.merge_levels():
                        break
                    merges += 1
        except OvertakenError as error:
            log.info("compaction: %s", error)
            this.overtaken(error)
        except StoreError as error:
            log.exception("compaction stopped; profiles wait and nothing is lost")
            this.failed(error)
        this.did = _did(count, merges)
    return count


def _did(profiles: int, merges: int) -> str:
    parts = [f"{profiles} profiles into segments and rollups" if profiles else "", f"{merges} merges" if merges else ""]
    return ", ".join(filter(None, parts))


def tidy() -> None:
    """Let go of what is past its time, and of files that nobody needs."""
    with told(RETENTION) as this:
        try:
            gone = local_store().expire(timezone.now())
            this.did = f"{gone} pieces past their time let go of" if gone else ""
        except OvertakenError as error:
            log.info("retention: %s", error)
            this.overtaken(error)
        except StoreError as error:
            log.exception("clearing up stopped; the next time does the rest")
            this.failed(error)
