"""The live stream's promises, at a real Redis: bounded, and what it holds always adds up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.publisher import FIRST_RETRY_S, LAST_RETRY_S, Backoff, LiveStream, connect, deliver
from profiler.core.channel import PROFILES_STREAM, RUNS_STREAM, EntryKind, RunReport, RunState, live_key
from tests.agent.servers import RedisServer, wait_for

RUN = "00000000-0000-0000-0000-000000000001"


def report(state: RunState = RunState.RECORDING, elapsed_s: float = 0) -> RunReport:
    return RunReport(run=RUN, host="web-1", state=state, at_ns=1, elapsed_s=elapsed_s)


@pytest.fixture
def nudges() -> list[str]:
    return []


@pytest.fixture
def live(own_redis: RedisServer, nudges: list[str]) -> Iterator[LiveStream]:
    client = connect(own_redis.url, 1)
    yield LiveStream(client, RUN, lambda: nudges.append("nudge"))
    client.close()


def whole(live: LiveStream) -> bool:
    return live.whole


def entries(own_redis: RedisServer) -> list[Any]:
    return [fields[b"data"] if fields[b"kind"] != b"state" else b"state" for _, fields in _range(own_redis)]


def _range(own_redis: RedisServer) -> list[Any]:
    return cast("list[Any]", own_redis.client.xrange(live_key(RUN)))


@pytest.mark.redis
def test_a_snapshot_replaces_everything_before_it(live: LiveStream, own_redis: RedisServer) -> None:
    for number in range(5):
        assert live.publish(report(), EntryKind.DELTA if number else EntryKind.SNAPSHOT, b"%d" % number)
    assert entries(own_redis) == [b"0", b"state", b"1", b"state", b"2", b"state", b"3", b"state", b"4", b"state"]
    assert live.publish(report(), EntryKind.SNAPSHOT, b"all")
    assert entries(own_redis) == [b"all", b"state"]
    assert own_redis.client.ttl(live_key(RUN)) > 0


@pytest.mark.redis
def test_a_delta_into_a_vanished_stream_asks_for_a_snapshot(live: LiveStream, own_redis: RedisServer) -> None:
    assert live.publish(report())
    assert live.publish(report(), EntryKind.DELTA, b"1")
    own_redis.client.flushall()
    assert live.publish(report(), EntryKind.DELTA, b"2")
    assert not whole(live)
    assert entries(own_redis) == [b"state"]
    assert live.publish(report(), EntryKind.SNAPSHOT, b"all")
    assert whole(live)
    assert entries(own_redis) == [b"all", b"state"]


@pytest.mark.redis
def test_a_delta_that_redis_did_not_take_asks_for_a_snapshot(live: LiveStream, own_redis: RedisServer) -> None:
    assert live.publish(report())
    own_redis.stop()
    assert not live.publish(report(), EntryKind.DELTA, b"1")
    assert not whole(live)
    own_redis.start()
    assert wait_for(lambda: live.publish(report(), EntryKind.SNAPSHOT, b"all"), "the retry", 10)
    assert whole(live)


@pytest.mark.redis
def test_a_state_is_announced_once_and_again_when_redis_missed_it(
    live: LiveStream, own_redis: RedisServer, nudges: list[str]
) -> None:
    assert live.publish(report(RunState.STARTING))
    own_redis.client.config_set("maxmemory", "1")
    assert not live.publish(report(RunState.RECORDING))
    own_redis.client.config_set("maxmemory", "0")
    assert wait_for(lambda: live.publish(report(RunState.RECORDING, elapsed_s=1)), "the retry", 10)
    assert live.publish(report(RunState.RECORDING, elapsed_s=2))
    announced = cast("list[Any]", own_redis.client.xrange(RUNS_STREAM))
    told = [RunReport.model_validate_json(fields[b"data"]) for _, fields in announced]
    assert [(entry.state, entry.elapsed_s) for entry in told] == [(RunState.STARTING, 0), (RunState.RECORDING, 1)]
    assert len(nudges) == 2


@pytest.mark.redis
def test_an_outcome_is_delivered_whole_or_not_at_all(own_redis: RedisServer) -> None:
    client = connect(own_redis.url, 1)
    own_redis.client.config_set("maxmemory", "1")
    with pytest.raises(Exception, match=r"maxmemory"):
        deliver(client, Outcome(report(RunState.DONE), b"profile"))
    assert own_redis.client.dbsize() == 0
    own_redis.client.config_set("maxmemory", "0")
    deliver(client, Outcome(report(RunState.DONE), b"profile"))
    assert own_redis.client.xlen(PROFILES_STREAM) == own_redis.client.xlen(RUNS_STREAM) == 1
    client.close()


def test_waiting_times_double_up_to_a_limit() -> None:
    backoff = Backoff()
    delays = [backoff.failed() for _ in range(10)]
    assert delays[:3] == [FIRST_RETRY_S, 2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
    assert max(delays) == delays[-1] == LAST_RETRY_S
    backoff.reset()
    assert backoff.failed() == FIRST_RETRY_S


def test_a_client_never_repeats_a_command_by_itself(tmp_path: Path) -> None:
    client = connect(f"unix://{tmp_path}/none", 1)
    assert client.connection_pool.connection_kwargs["retry"].get_retries() == 0
