"""What histograms counted is kept whole and once, for a while; running ones are told to Prometheus."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client
from redis import Redis

from profiler.core import histogram_block, wire
from profiler.core.feed_channel import feed_id, feed_key, lease_key
from profiler.core.histogram_batch import Exemplar, HistogramBatch, decompressed, encode
from profiler.ingest import histograms
from profiler.models import HistogramBlock, Host
from profiler.probes.registry import probe_named
from profiler.query.histograms import Kept, kept_batches, watched
from profiler.sharing.tokens import create_token
from tests.agent_double import AgentDouble
from tests.core.test_histogram_stacks import FULL
from tests.core.test_histogram_stacks import second as with_events

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

NS = 10**9
PROBE = probe_named("block_latency")
FEED = feed_id(PROBE.name, PROBE.values({}))
KEY = feed_key("web-1", FEED)
NOW = int(time.time())
assert PROBE.histogram
BUCKETS = PROBE.histogram.buckets


def second(at: int, events: int = 3) -> HistogramBatch:
    """A batch of one read disk row, all in the bucket of 1 to 2 µs."""
    counts = np.zeros((1, BUCKETS.count), dtype=np.int64)
    counts[0, 10] = events
    example = Exemplar(at_ns=at * NS, value=1500, pid=7, tid=7, comm="web", labels=("vda", "read"))
    times = (at * NS, (at + 1) * NS)
    return HistogramBatch(
        "web-1", PROBE.name, *times, BUCKETS, (("vda", "read"),), counts, (events * 1500,), (example,)
    )


def with_stacks(at: int) -> HistogramBatch:
    """Examples of buckets 10, 11, 11 and 16, of which the last has no stack; and events, or nothing is kept."""
    return replace(with_events(at), counts=second(at).counts)


def send(redis: "Redis", *batches: HistogramBatch) -> None:
    for batch in batches:
        redis.xadd(KEY, {"data": encode(batch)})


@pytest.fixture
def known(agent: AgentDouble, owner: User, client: Client) -> Client:
    """The server knows host web-1; a browser of its owner."""
    Host.objects.create(id="web-1", last_seen=datetime.fromtimestamp(NOW, UTC))
    client.force_login(owner)
    return client


def test_what_was_watched_is_kept_once_and_whole(known: Client, redis: "Redis") -> None:
    send(redis, *(second(NOW - 20 + i) for i in range(7)))
    redis.xadd(KEY, {"data": b"no batch"})
    redis.xadd(KEY, {"error": b"ended"})
    histograms.take()
    histograms.take()
    send(redis, *(second(NOW - 13 + i) for i in range(5)))
    histograms.take()
    assert HistogramBlock.objects.count() == 2
    assert watched("web-1", FEED) == [Kept(NOW - 20, NOW - 8)]
    batches = kept_batches("web-1", FEED, Kept(NOW - 20, NOW - 8))
    assert (len(batches), sum(batch.events for batch in batches)) == (12, 36)


def test_seconds_without_events_take_no_room(known: Client, redis: "Redis") -> None:
    send(redis, second(NOW - 5, 0))
    histograms.take()
    assert not HistogramBlock.objects.exists()


def test_a_block_has_a_bound_and_the_next_round_goes_on(
    known: Client, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [second(NOW - 20 + i) for i in range(5)]
    # The last digits of their times make some a few bytes longer than others.
    longest = max(len(decompressed(encode(batch))) for batch in batches)
    monkeypatch.setattr(histogram_block, "MAX_BLOCK_BYTES", 3 * longest)
    send(redis, *batches)
    for _ in range(3):
        histograms.take()
    kept = kept_batches("web-1", FEED, Kept(NOW - 30, NOW))
    assert (HistogramBlock.objects.count(), sum(batch.events for batch in kept)) == (2, 15)


def test_old_blocks_go_and_of_too_many_the_oldest(
    known: Client, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in (NOW - histograms.KEPT_S - 100, NOW - 50, NOW - 40, NOW - 30):
        send(redis, second(at))
        histograms.take()
    histograms.forget()
    assert [block.begin_ns // NS for block in HistogramBlock.objects.order_by("begin_ns")] == [
        NOW - 50,
        NOW - 40,
        NOW - 30,
    ]
    taken = sum(len(block.data) for block in HistogramBlock.objects.all())
    monkeypatch.setattr(histograms, "MAX_BYTES_OF_HOST", taken - 1)
    histograms.forget()
    assert begins() == [NOW - 40, NOW - 30]
    monkeypatch.setattr(histograms, "MAX_BLOCKS_OF_HOST", 1)
    histograms.forget()
    assert begins() == [NOW - 30]


def begins() -> list[int]:
    return [block.begin_ns // NS for block in HistogramBlock.objects.order_by("begin_ns")]


def test_what_was_kept_opens_by_its_address(known: Client, redis: "Redis", viewer: User, stranger: User) -> None:
    send(redis, *(second(NOW - 1200 + 2 * i) for i in range(500)))
    histograms.take()
    address = f"/hosts/web-1/histograms/{PROBE.name}/"
    asked = f"kept-from={NOW - 1200}&kept-to={NOW - 200}"
    page = known.get(f"{address}?{asked}")
    assert page.status_code == 200
    assert "Watch now" in page.content.decode()
    for user, status in ((viewer, 200), (stranger, 404)):
        known.force_login(user)
        answer = known.get(f"{address}kept?{asked}")
        assert answer.status_code == status
    known.force_login(viewer)
    batches = known.get(f"{address}kept?{asked}").json()["batches"]
    assert len(batches) <= 501
    assert sum(sum(row["counts"]) for batch in batches for row in batch["rows"]) == 1500
    known.logout()
    assert known.get(f"{address}kept?{asked}").status_code == 302


def test_chosen_cells_are_their_examples_and_the_graph_of_just_these(
    known: Client, redis: "Redis", viewer: User, stranger: User
) -> None:
    """Of five seconds that are kept and in the stream still, and of three that are in the stream only."""
    send(redis, *(with_stacks(NOW - 20 + i) for i in range(5)))
    histograms.take()
    send(redis, *(with_stacks(NOW - 15 + i) for i in range(3)))
    address, time_of = f"/hosts/web-1/histograms/{PROBE.name}/examples", f"cells-at={NOW - 20}000-{NOW - 10}000"
    for user, status in ((stranger, 404), (viewer, 200)):
        known.force_login(user)
        for part in ("", "/tree"):
            assert known.get(f"{address}{part}?{time_of}&cells-buckets=11-11").status_code == status
    told = known.get(f"{address}?{time_of}&cells-buckets=11-11").json()
    assert (told["kept"], told["chosen"], told["without_stack"]) == (16, 16, {})
    assert {(row["value"], row["stack"]) for row in told["rows"]} == {(3000, True), (3001, True)}
    tree = wire.decode(known.get(f"{address}/tree?{time_of}&cells-buckets=11-11").content)
    assert (int(tree.total[0]), {frame.name for frame in tree.frames}) == (16, {"all", "web", "main", "bucket 11"})
    one = f"{time_of}&cells-buckets=10-11&cells-row=vda / read&group="
    tree = wire.decode(known.get(f"{address}/tree?{one}").content)
    assert (int(tree.total[0]), {frame.name for frame in tree.frames}) == (8, {"all", "main", "bucket 11"})
    told = known.get(f"{address}?{time_of}&cells-buckets=12-39").json()
    assert (told["kept"], told["without_stack"]) == (8, {FULL: 8})
    assert wire.decode(known.get(f"{address}/tree?{time_of}&cells-buckets=12-39").content).total[0] == 0
    # What the graph keeps of itself in the page's address is none of the probe's parameters.
    assert known.get(f"/hosts/web-1/histograms/{PROBE.name}/?{one}&view=flame&q=x").status_code == 200


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("", "cells-at"),
        ("cells-at=1-2", "cells-buckets"),
        ("cells-at=2-1&cells-buckets=0-1", "the earlier first"),
        ("cells-at=1-3600002&cells-buckets=0-1", "at most 3600 s"),
        ("cells-at=1-2&cells-buckets=2-1", "the lower first"),
        ("cells-at=1-2&cells-buckets=0-40", "0 to 39"),
        ("cells-at=x-y&cells-buckets=0-40", "Unix milliseconds"),
        ("cells-at=1-2&cells-buckets=0-1&shoe=7", "no parameter shoe"),
    ],
)
def test_cells_that_are_none_are_told(known: Client, asked: str, says: str) -> None:
    for part in ("", "/tree"):
        answer = known.get(f"/hosts/web-1/histograms/{PROBE.name}/examples{part}?{asked}")
        assert answer.status_code == 422
        assert says in answer.content.decode()


def test_stacks_that_can_not_be_read_are_not_kept(known: Client, redis: "Redis") -> None:
    send(redis, replace(with_stacks(NOW - 9), stacks=b"junk"), with_stacks(NOW - 8))
    histograms.take()
    assert [batch.start_ns for batch in kept_batches("web-1", FEED, Kept(NOW - 30, NOW))] == [(NOW - 8) * NS]


@pytest.mark.parametrize(
    "asked", ["kept-from=1", "kept-from=9&kept-to=3", "kept-from=x&kept-to=y", "kept-from=1&kept-to=9999"]
)
def test_a_time_that_is_none_is_told(known: Client, asked: str) -> None:
    for address in ("", "kept"):
        answer = known.get(f"/hosts/web-1/histograms/{PROBE.name}/{address}?{asked}")
        assert answer.status_code == 422
        assert "kept-from" in answer.content.decode()


def test_prometheus_gets_sums_that_only_grow(known: Client, redis: "Redis", owner: User, stranger: User) -> None:
    bearer = {"Authorization": f"Bearer {create_token(owner, 'prometheus')[1]}"}
    anyone = Client()
    assert "block_latency" not in anyone.get("/metrics", headers=bearer).content.decode(), "nothing runs"
    redis.set(lease_key("web-1", FEED), b"", ex=60)
    labels = f'host="web-1",feed="{FEED}",disk="vda",operation="read"'
    total = 0
    for events in (3, 0, 4):
        send(redis, second(NOW, events), replace(second(NOW), host="web-2"))
        total += events
        answer = anyone.get("/metrics", headers=bearer)
        text = answer.content.decode()
        assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
        assert f"webprof_block_latency_seconds_count{{{labels}}} {total}\n" in text
        assert f'webprof_block_latency_seconds_bucket{{{labels},le="1.023e-06"}} 0\n' in text
        assert f'webprof_block_latency_seconds_bucket{{{labels},le="2.047e-06"}} {total}\n' in text
    assert anyone.get("/metrics").status_code == 401
    assert anyone.get("/metrics", headers={"Authorization": "Bearer wp_wrong"}).status_code == 401
    anyone.force_login(stranger)
    assert anyone.get("/metrics").status_code == 401
    anyone.force_login(owner)
    assert anyone.get("/metrics").status_code == 200
