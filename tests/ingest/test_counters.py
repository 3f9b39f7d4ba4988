"""Counters that agents send are kept for as long as they should be, and what can't be believed is set aside."""

import time
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import pytest
from django.contrib.auth.models import User
from redis import Redis

from profiler.core.channel import counters_key
from profiler.core.counter_batch import CounterBatch, encode
from profiler.core.counter_block import KEPT_S, SLOTS, TIERS
from profiler.core.counters import Row
from profiler.debugfiles.alone import alone
from profiler.errors import InvalidError
from profiler.ingest.counters import COUNTERS, TAIL_MS, forget, take
from profiler.ingest.queue import REJECTED_STREAM
from profiler.models import CounterBlock, Host, Upkeep
from profiler.query.counters import MAX_RANGE_S, MAX_SLOTS, HostCounters, as_json, host_counters

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
SECOND_NS = 1_000_000_000
HOST = "web-1"


@pytest.fixture(autouse=True)
def _known(redis: "Redis") -> None:
    Host.objects.create(id=HOST, last_seen=datetime.now(UTC))


def send(redis: "Redis", first_s: int, faults: list[float], host: str = HOST, lost_s: int = 0) -> None:
    """Faults of the seconds from `first_s` on, two to a batch as agents do; a NaN is a second without counters."""
    rows = [Row((first_s + i + 1) * SECOND_NS, SECOND_NS, {"vm.faults": n}) for i, n in enumerate(faults) if n == n]
    for i in range(0, len(rows), 2):
        redis.xadd(counters_key(HOST), {"data": encode(CounterBatch.of(host, rows[i : i + 2], lost_s))})


def asked(user: User, begin_s: int, end_s: int, slots: int = 600, step_s: int | None = None) -> HostCounters:
    since, until = (datetime.fromtimestamp(at, UTC) for at in (begin_s, end_s))
    return host_counters(user, HOST, since, until, slots, step_s)


def faults(found: HostCounters) -> list[float]:
    (row,) = found.block.values
    return [float(value) for value in row]


@pytest.fixture
def minute_s() -> int:
    """A whole minute, some minutes ago, so that no second of it is about to come."""
    return int(time.time()) // 60 * 60 - 600


def test_seconds_are_there_before_and_after_they_were_taken_and_the_same(
    redis: "Redis", viewer: User, minute_s: int
) -> None:
    recent_s = int(time.time()) - 60
    send(redis, recent_s, [7, 11, 13, 17], lost_s=3)
    before = asked(viewer, recent_s - 1, recent_s + 5)
    assert CounterBlock.objects.count() == 0
    np.testing.assert_array_equal(faults(before), [np.nan, 7, 11, 13, 17, np.nan])
    assert before.lost_s == 3
    assert take() == 2
    assert faults(asked(viewer, recent_s, recent_s + 4)) == [7, 11, 13, 17]
    assert Upkeep.objects.get(work=COUNTERS).worked == "seconds of 1 host"


def test_taking_twice_changes_nothing(redis: "Redis", viewer: User, minute_s: int) -> None:
    send(redis, minute_s, [5.0] * 7)
    take()
    kept = {(row.step_s, row.begin_s): bytes(row.data) for row in CounterBlock.objects.all()}
    redis.delete(f"webprof:counters-taken:{HOST}")
    take()
    assert {(row.step_s, row.begin_s): bytes(row.data) for row in CounterBlock.objects.all()} == kept
    assert set(TIERS) == {step_s for step_s, _ in kept}


def test_longer_steps_are_means_of_seconds_that_came_in_any_order(redis: "Redis", viewer: User, minute_s: int) -> None:
    nan = float("nan")
    send(redis, minute_s + 30, [30.0] * 10 + [nan] * 10 + [50.0] * 10)
    take()
    send(redis, minute_s, [1.0] * 30)
    take()
    expected = [1, 1, 1, 30, np.nan, 50]
    np.testing.assert_allclose(faults(asked(viewer, minute_s, minute_s + 60, step_s=10)), expected)
    (mean,) = faults(asked(viewer, minute_s, minute_s + 60, step_s=60))
    assert mean == pytest.approx((30 * 1 + 10 * 30 + 10 * 50) / 50)
    np.testing.assert_allclose(faults(asked(viewer, minute_s, minute_s + 60, slots=3)), [1, 15.5, 50])


def test_ranges_have_the_finest_steps_that_are_still_kept_and_fit(viewer: User) -> None:
    now = int(time.time())
    assert asked(viewer, now - 900, now, slots=900).block.step_s == 1
    assert asked(viewer, now - 900, now, slots=600).block.step_s == 2
    assert asked(viewer, now - 86_000, now - 85_900).block.step_s == 10
    assert asked(viewer, now - 10 * 86_400, now - 10 * 86_400 + 60).block.step_s == 60
    assert asked(viewer, now - 30 * 86_400, now, slots=1).block.step_s == 14_400


@pytest.mark.parametrize(
    ("begin", "end", "step", "field"),
    [
        (100, 100, None, "until"),
        (0, MAX_RANGE_S + 1, None, "until"),
        (0, 60, 7, "step_s"),
        (0, MAX_SLOTS + 1, 1, "step_s"),
    ],
)
def test_ranges_that_are_none_are_refused(viewer: User, begin: int, end: int, step: int | None, field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        asked(viewer, begin, end, step_s=step)
    assert refusal.value.field == field


def test_what_can_not_be_believed_is_set_aside_and_the_rest_is_kept(
    redis: "Redis", viewer: User, minute_s: int
) -> None:
    redis.xadd(counters_key(HOST), {"data": b"nothing"})
    send(redis, minute_s, [3.0], host="web-2")
    send(redis, minute_s, [5.0])
    send(redis, int(time.time()) + 86_400, [9.0])
    send(redis, int(time.time()) - KEPT_S[1] - 60, [9.0])
    assert take() == 5
    assert faults(asked(viewer, minute_s, minute_s + 1)) == [5]
    assert {row.begin_s for row in CounterBlock.objects.filter(step_s=1)} == {minute_s}
    ((_, told),) = cast("list[Any]", redis.xrange(REJECTED_STREAM))
    assert b"(4 batches)" in told[b"reason"]


def test_the_stream_keeps_the_last_moments_only(redis: "Redis", minute_s: int) -> None:
    old_ms = int(time.time() * 1000) - 2 * TAIL_MS
    row = [Row(minute_s * SECOND_NS, SECOND_NS, {"vm.faults": 1})]
    redis.xadd(counters_key(HOST), {"data": encode(CounterBatch.of(HOST, row))}, id=f"{old_ms}-0")
    send(redis, minute_s, [1.0])
    take()
    assert redis.xlen(counters_key(HOST)) == 1
    assert take() == 0


def test_one_worker_takes_for_all(redis: "Redis", minute_s: int) -> None:
    send(redis, minute_s, [1.0])
    with alone(COUNTERS, 60):
        assert take() == 0
    assert take() == 1


def test_blocks_go_when_their_time_is_over() -> None:
    now = 40 * 86_400
    for step_s, kept_s in KEPT_S.items():
        for age_s in (kept_s, kept_s + 2 * step_s * SLOTS):
            CounterBlock.objects.create(host_id=HOST, step_s=step_s, begin_s=now - age_s, data=b"")
    assert forget(now) == len(KEPT_S)
    assert {(row.step_s, now - row.begin_s) for row in CounterBlock.objects.all()} == set(KEPT_S.items())


def test_answers_have_four_digits_and_gaps(redis: "Redis", viewer: User, minute_s: int) -> None:
    send(redis, minute_s, [0.123456, float("nan"), 1234567.8])
    take()
    answer = as_json(asked(viewer, minute_s, minute_s + 3))
    assert answer["names"] == ["vm.faults"]
    assert answer["values"] == [[0.1235, None, pytest.approx(1234568, abs=1)]]
