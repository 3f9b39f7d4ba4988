"""Entries reach a stream in order and once, and never wait for Redis in more memory than they may."""

import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
import redis

from profiler.agent.delivery.publisher import Backoff
from profiler.agent.probes import outbox as module
from profiler.agent.probes.outbox import Outbox
from profiler.agent.probes.room import WaitingRoom
from profiler.core.feed_channel import STREAM_TTL_S
from tests.agent.servers import RedisServer, wait_for

pytestmark = pytest.mark.redis

KEY = "webprof:feed:test:example"
LONG_S = 60.0


@pytest.fixture
def outbox(own_redis: RedisServer) -> Iterator[Outbox]:
    made = Outbox(own_redis.client, KEY)
    yield made
    made.end(LONG_S)


def entries(server: RedisServer) -> list[bytes]:
    found = cast("list[tuple[bytes, dict[bytes, bytes]]]", server.client.xrange(KEY))
    return [fields[b"data"] for _, fields in found]


def test_entries_come_in_order_and_expire(outbox: Outbox, own_redis: RedisServer) -> None:
    sent = [str(number).encode() for number in range(101)]
    assert all(outbox.put({"data": data}) for data in sent)
    outbox.end(LONG_S)
    assert entries(own_redis) == sent
    assert 0 < own_redis.client.ttl(KEY) <= STREAM_TTL_S


class LosesAnswers(redis.Redis):
    """Redis takes what it is given, but the agent hears of every second answer only."""

    lost = 0
    heard = True

    def pipeline(self, *args: Any, **kwargs: Any) -> Any:
        made = super().pipeline(*args, **kwargs)
        execute = made.execute

        def execute_and_forget() -> Any:
            answer = execute()
            self.heard = not self.heard
            if self.heard:
                return answer
            self.lost += 1
            raise redis.TimeoutError("timed out")

        setattr(made, "execute", execute_and_forget)  # noqa: B010 the types say it is a method
        return made


def test_an_entry_whose_answer_was_lost_is_there_once(own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "failed", lambda _: 0.001)
    client = LosesAnswers(connection_pool=own_redis.client.connection_pool)
    outbox = Outbox(client, KEY)
    sent = [str(number).encode() for number in range(13)]
    assert all(outbox.put({"data": data}) for data in sent)
    wait_for(lambda: len(entries(own_redis)) >= len(sent), "all entries")
    outbox.end(LONG_S)
    assert entries(own_redis) == sent
    assert client.lost


def test_a_clock_that_went_back_keeps_nothing_from_the_stream(outbox: Outbox, own_redis: RedisServer) -> None:
    tomorrow = (int(time.time()) + 86400) * 1000
    own_redis.client.xadd(KEY, {"data": "old"}, id=f"{tomorrow}-0")
    assert outbox.put({"data": b"new"})
    assert outbox.put({"data": b"newer"})
    outbox.end(LONG_S)
    assert entries(own_redis) == [b"old", b"new", b"newer"]


def test_while_redis_is_away_entries_wait_in_bounds_and_none_is_half_kept(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 100)
    monkeypatch.setattr(Backoff, "failed", lambda _: 0.01)
    own_redis.stop()
    outbox = Outbox(own_redis.client, KEY)
    accepted = [number for number in range(20) if outbox.put({"data": b"%010d" % number})]
    assert accepted == list(range(10))
    own_redis.start()
    wait_for(lambda: len(entries(own_redis)) == len(accepted), "what waited")
    assert outbox.put({"data": b"after"})
    outbox.end(LONG_S)
    assert entries(own_redis) == [*(b"%010d" % number for number in accepted), b"after"]


def test_a_stream_is_bounded_in_bytes(outbox: Outbox, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STREAM_BYTES", 80_000)
    for number in range(97):
        assert outbox.put({"data": b"%04000d" % number})
    outbox.end(LONG_S)
    left = entries(own_redis)
    assert int(left[-1]) == 96
    assert 20 <= len(left) < 60


def test_ending_waits_for_no_redis_that_is_away(own_redis: RedisServer) -> None:
    own_redis.stop()
    outbox = Outbox(own_redis.client, KEY)
    assert outbox.put({"data": b"lost"})
    outbox.end(LONG_S)
    assert not outbox._thread.is_alive()


def test_what_waits_is_bounded_for_all_outboxes_together(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backoff, "failed", lambda _: LONG_S)
    own_redis.stop()
    room = WaitingRoom(most=50)
    one, other = Outbox(own_redis.client, KEY, room), Outbox(own_redis.client, f"{KEY}-2", room)
    assert [one.put({"data": bytes(10)}) for _ in range(6)] == [True] * 5 + [False]
    assert other.put({"data": bytes(10)}), "each may keep one entry"
    assert not other.put({"data": bytes(10)})
    one.end(LONG_S)
    assert other.put({"data": bytes(10)})
    other.end(LONG_S)
