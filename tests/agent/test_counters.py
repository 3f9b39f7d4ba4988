"""Counters reach a real Redis by themselves; one that is away is waited for, and what had no room is counted."""

from typing import Any, cast

import pytest
import redis

from profiler.agent.counters import ENTRIES_AT_ONCE, Backlog, Counters
from profiler.agent.delivery.publisher import connect
from profiler.core.channel import counters_key
from profiler.core.counter_batch import CounterBatch, decode
from tests.agent.servers import HOST, RedisServer, wait_for

pytestmark = pytest.mark.redis


def batches(server: RedisServer) -> list[CounterBatch]:
    try:
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", server.client.xrange(counters_key(HOST)))
    except redis.RedisError:
        return []
    return [decode(fields[b"data"]) for _, fields in entries]


def test_each_second_is_sent_and_a_redis_that_is_away_gets_what_it_missed(own_redis: RedisServer) -> None:
    counters = Counters(HOST, connect(own_redis.url, 2))
    counters.start()
    try:
        first = wait_for(lambda: batches(own_redis), "counters")[0]
        assert {"cpu.user", "mem.total", "load.1", "vm.faults", "sched.switches"} <= set(first.names)
        own_redis.stop()
        own_redis.start()
        # What was there is gone with that Redis: what comes now was read since.
        came = wait_for(lambda: (found := batches(own_redis))[3:] and found, "what waited and what came later")
    finally:
        counters.stop(10)
    ends = [at for batch in came for at in batch.at_ns.tolist()]
    assert ends == sorted(set(ends))
    assert all(batch.lost_s == 0 for batch in came)
    assert cast("Any", own_redis.client).ttl(counters_key(HOST)) > 0


def test_a_backlog_keeps_the_newest_and_counts_what_it_lost() -> None:
    backlog = Backlog(most=5)
    for n in range(12):
        backlog.put(bytes([n]), 2)
    assert (len(backlog), backlog.lost_s) == (5, 14)
    assert [data[0] for data in backlog.oldest()] == [7, 8, 9, 10, 11]


def test_what_was_lost_while_it_was_sent_is_not_taken_for_what_came_later() -> None:
    backlog = Backlog(most=3)
    for n in range(3):
        backlog.put(bytes([n]), 1)
    waiting = backlog.oldest()
    backlog.put(b"later", 1)
    backlog.sent(waiting)
    assert backlog.oldest() == [b"later"]
    backlog.sent([b"later"])
    assert not backlog.filled.is_set() or backlog.oldest()


def test_a_long_backlog_goes_in_parts() -> None:
    backlog = Backlog()
    for n in range(ENTRIES_AT_ONCE + 1):
        backlog.put(n.to_bytes(2, "big"), 1)
    backlog.sent(backlog.oldest())
    assert backlog.filled.is_set()
    assert len(backlog) == 1
