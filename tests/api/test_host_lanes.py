"""What probes saw on a host in a part of the time: events that a stream still holds, a histogram in steps."""

import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from redis import Redis

from profiler.core.feed_channel import feed_id, feed_key
from profiler.core.feed_wire import MAGIC, SCHEMA
from profiler.core.histogram_batch import HistogramBatch, encode
from profiler.core.sections import unpack
from profiler.ingest import histograms
from profiler.models import HistogramBlock, Host
from profiler.probes.registry import all_probes, probe_named
from profiler.query import feed_history, histogram_steps
from tests.agent_double import AgentDouble
from tests.api.conftest import ApiClient, As
from tests.feed_double import DEMO, NS, FeedDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
LENGTH = struct.Struct("<Q")
NOW = int(time.time())
LATENCY = probe_named("block_latency")
FEED = feed_id(LATENCY.name, LATENCY.values({}))
assert LATENCY.histogram
BUCKETS = LATENCY.histogram.buckets


def iso(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


@pytest.fixture
def client(agent: AgentDouble, owner: User, call: As) -> ApiClient:
    """Of the owner; the server knows host web-1."""
    Host.objects.get_or_create(id=agent.host, defaults={"last_seen": datetime.fromtimestamp(NOW, UTC)})
    return call(owner)


@pytest.fixture
def feed(agent: AgentDouble, monkeypatch: pytest.MonkeyPatch) -> FeedDouble:
    monkeypatch.setitem(all_probes(), "demo", DEMO)
    return FeedDouble(agent.redis)


def messages(body: bytes) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Header and processes of each."""
    while body:
        (length,) = LENGTH.unpack_from(body)
        header, found = unpack(MAGIC, SCHEMA, body[8 : 8 + length])
        yield header, found["pid"].tolist()
        body = body[8 + length :]


def asked(client: ApiClient, since: float = NOW - 60, until: float = NOW + 3600, **more: Any) -> Any:
    return client.get("hosts/web-1/events/demo", since=iso(since), until=iso(until), **more)


def test_events_that_are_held_come_in_their_order_with_what_was_lost(client: ApiClient, feed: FeedDouble) -> None:
    feed.send_events(3)
    feed.redis.xadd(feed.key, {"data": b"no batch"})
    feed.redis.xadd(feed.key, {"error": b"the host said no"})
    feed.send_events(2, {"kernel ring full": 5})
    answer = asked(client)
    assert answer.status_code == 200
    (first, some), (second, others) = messages(answer.content)
    assert (some, others) == ([1000, 1001, 1002], [1003, 1004])
    assert (first["lost"], second["lost"], second["lost_before"]) == ({}, {"kernel ring full": 5}, {})
    assert (first["sent_before"], second["sent_before"], first["began"]) == (0, 3, str(feed.began_ns))
    assert float(answer["X-Held-From-Ms"]) == pytest.approx(first["start_ms"])
    assert answer["X-Cut"] == "false"


def test_a_part_has_the_batches_that_overlap_it(client: ApiClient, feed: FeedDouble) -> None:
    feed.send_events(3)
    assert not asked(client, NOW - 600, NOW - 300).content
    assert asked(client, NOW - 600, NOW - 300)["X-Held-From-Ms"] == ""
    assert not asked(client, NOW + 300, NOW + 600).content


def test_of_too_many_the_newest_come_and_that_there_are_more_is_told(
    client: ApiClient, feed: FeedDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_history, "MAX_EVENTS", 70)
    monkeypatch.setattr(feed_history, "ENTRIES_AT_ONCE", 2)
    for _ in range(7):
        feed.send_events(13)
    answer = asked(client)
    pids = [pid for _, some in messages(answer.content) for pid in some]
    assert (pids, answer["X-Cut"]) == (list(range(1000 + 2 * 13, 1000 + 7 * 13)), "true")


def test_a_feed_of_other_parameters_is_another(client: ApiClient, feed: FeedDouble) -> None:
    feed.send_events(3)
    assert not asked(client, pid="7").content
    assert len(list(messages(asked(client, pid="0").content))) == 1


@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("events/demo", {"pid": "-1"}, "pid='-1' must be a whole number"),
        ("events/demo", {"colour": "1"}, "has no parameter colour"),
        ("events/nothing", {}, "there is no probe 'nothing'"),
        ("events/block_latency", {}, "gives no events, but histogram"),
        ("events/off_cpu", {}, "gives stacks"),
        ("histograms/demo", {"step_s": 1}, "gives no histogram, but events"),
        ("histograms/block_latency", {"step_s": 0}, "step_s: 0; it must be"),
        ("histograms/block_latency", {"step_s": 1, "since": iso(NOW - 86_400)}, "over MAX_STEPS (1500)"),
        ("histograms/block_latency", {"step_s": 1, "until": iso(NOW - 86_400)}, "is not after since"),
        ("events/demo", {"until": iso(NOW - 86_400)}, "is not after since"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_words(
    client: ApiClient, feed: FeedDouble, path: str, query: dict[str, Any], told: str
) -> None:
    answer = client.get(f"hosts/web-1/{path}", **({"since": iso(NOW - 60), "until": iso(NOW)} | query))
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]


def second(at: int, buckets: dict[int, int]) -> HistogramBatch:
    """A batch of two rows that are alike."""
    counts = np.zeros((2, BUCKETS.count), dtype=np.int64)
    for bucket, events in buckets.items():
        counts[:, bucket] = events
    rows = (("vda", "read"), ("vda", "write"))
    lost = {"table full": 1}
    return HistogramBatch("web-1", LATENCY.name, at * NS, (at + 1) * NS, BUCKETS, rows, counts, (1, 1), (), lost)


def send(redis: "Redis", *batches: HistogramBatch) -> None:
    for batch in batches:
        redis.xadd(feed_key("web-1", FEED), {"data": encode(batch)})


def over_time(client: ApiClient, since: int, until: int, step_s: int) -> Any:
    answer = client.get(f"hosts/web-1/histograms/{LATENCY.name}", since=iso(since), until=iso(until), step_s=step_s)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_steps_are_of_what_is_kept_and_of_what_is_not_yet_and_nothing_counts_twice(
    client: ApiClient, redis: "Redis"
) -> None:
    begin = NOW // 10 * 10 - 100
    send(redis, *(second(begin + i, {10: 3}) for i in range(15)))
    histograms.take()
    send(redis, second(begin + 15, {12: 1}), second(begin + 16, {10: 1, 11: 2}))
    redis.xadd(feed_key("web-1", FEED), {"data": b"no batch"})
    told = over_time(client, begin, NOW, 10)
    assert HistogramBlock.objects.count() == 1
    assert [(step["at_ms"] - begin * 1000, step["first"], step["counts"]) for step in told["steps"]] == [
        (0, 10, [60]),
        (10_000, 10, [32, 4, 2]),
    ]
    assert told["known_until_ms"] == (begin + 17) * 1000
    assert told["lost"] == {"table full": 17}
    assert (told["step_ms"], told["shows"], len(told["edges"])) == (10_000, "duration", BUCKETS.count)
    assert told["texts"][10] == "1 µs"
    histograms.take()
    assert over_time(client, begin, NOW, 10)["steps"] == told["steps"]
    assert [step["counts"] for step in over_time(client, begin + 3, begin + 5, 1)["steps"]] == [[6], [6]]
    assert over_time(client, begin - 600, begin - 500, 10)["steps"] == []


def test_of_too_much_the_newest_is_read_and_from_when_on_is_told(
    client: ApiClient, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = NOW // 10 * 10 - 100
    for first in (0, 10, 20):
        send(redis, *(second(begin + first + i, {10: 1}) for i in range(10)))
        histograms.take()
    monkeypatch.setattr(histogram_steps, "MAX_BATCHES", 25)
    told = over_time(client, begin, NOW, 10)
    assert [(step["at_ms"] - begin * 1000, step["counts"]) for step in told["steps"]] == [
        (10_000, [20]),
        (20_000, [20]),
    ]
    assert told["looked_from_ms"] == (begin + 10) * 1000
