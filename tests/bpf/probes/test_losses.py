"""What does not fit into the ring is counted to the last event, and nothing else is missing."""

import pytest

from profiler.agent.probes.events import EventSource
from profiler.agent.probes.room import RingRoom
from profiler.core.event_batch import LOST_REDIS, LOST_SMALL_RING
from profiler.probes.registry import probe_named
from tests.bpf.probes.feed import HOST, LOAD, python

pytestmark = pytest.mark.bpf

PAGE = 4096
SENT = 10_007
SENDS = f"import os, signal; signal.signal(12, signal.SIG_IGN); [os.kill(os.getpid(), 12) for _ in range({SENT})]"
SIGNALS = probe_named("signals")


def source() -> EventSource:
    """With a ring of a page, because there is no more room."""
    values = SIGNALS.values({"comm": LOAD, "signal": 12})
    return EventSource(HOST, SIGNALS, values, hides_private=False, room=RingRoom(1, PAGE, PAGE))


def test_events_and_losses_are_all_that_happened() -> None:
    small = source()
    try:
        python(SENDS)
        (batch,) = small.finish()
    finally:
        small.close()
    assert 0 < len(batch) < SENT
    assert batch.lost == {LOST_SMALL_RING: SENT - len(batch)}


def test_what_redis_did_not_take_is_told_with_the_next_batch() -> None:
    small = source()
    try:
        python(SENDS)
        (refused,) = small.finish()
        small.not_sent([refused])
        (batch,) = small.finish()
    finally:
        small.close()
    assert batch.lost == {LOST_SMALL_RING: SENT - len(refused), LOST_REDIS: len(refused)}
    assert (len(batch), batch.sent_before) == (0, 0)
