"""Feeds of a checkup in Redis: kept running while it goes on, then read."""

from collections.abc import Iterable
from typing import Any

import redis

from profiler import streams
from profiler.core.checkup import CPU, QUESTIONS
from profiler.core.feed_channel import LEASE_TTL_S, feed_key, lease_key
from profiler.errors import UnavailableError
from profiler.jobs.watch import Watch, ask_host
from profiler.probes.registry import probe_named

# Of each feed at once: a quarter of a second each.
ENTRIES_AT_ONCE = 100


def feeds_of(host: str) -> dict[str, Watch]:
    """What a checkup of a host watches, by question; questions may share one."""
    found = {}
    for question in QUESTIONS:
        if question.probe != CPU:
            probe = probe_named(question.probe)
            found[question.name] = Watch(host, probe, probe.values(question.values), may_start=True)
    return found


def distinct(watched: Iterable[Watch]) -> list[Watch]:
    return list({each.feed: each for each in watched}.values())


def now_ms() -> int:
    """The clock of Redis, which numbers the entries. Raises UnavailableError."""
    try:
        seconds, micros = streams.client().time()
    except redis.RedisError as error:
        raise UnavailableError(f"Redis does not answer: {error}; try again") from error
    return int(seconds) * 1000 + int(micros) // 1000


def keep_running(watched: list[Watch], since_ms: int) -> None:
    """Renew leases; ask the host for what has said nothing yet. Raises UnavailableError and RedisError."""
    client = streams.client()
    pipe = client.pipeline(transaction=False)
    for each in watched:
        pipe.set(lease_key(each.host, each.feed), b"", ex=LEASE_TTL_S)
    pipe.execute()
    for each in watched:
        if not client.xrange(feed_key(each.host, each.feed), min=since_ms, count=1):
            ask_host(each)


def covered_ms(watched: Watch, since_ms: int) -> int:
    """How much time its entries span since then."""
    client, key = streams.client(), feed_key(watched.host, watched.feed)
    first: Any = client.xrange(key, min=since_ms, count=1)
    last: Any = client.xrevrange(key, min=since_ms, count=1)
    return _ms(last[0][0]) - _ms(first[0][0]) if first and last else 0


def refusal(watched: Watch, since_ms: int) -> str:
    """Why the host does not run it, when that is the last it said."""
    last: Any = streams.client().xrevrange(feed_key(watched.host, watched.feed), min=since_ms, count=1)
    return last[0][1].get(b"error", b"").decode("utf-8", "replace") if last else ""


def entries(watched: Watch, since_ms: int, longest_ms: int) -> list[bytes]:
    """Batches of so long from the first one on, as they came."""
    found: list[bytes] = []
    at, until = str(since_ms), "+"
    while True:
        part: Any = streams.client().xrange(
            feed_key(watched.host, watched.feed), min=at, max=until, count=ENTRIES_AT_ONCE
        )
        if part and until == "+":
            until = str(_ms(part[0][0]) + longest_ms)
            part = [entry for entry in part if _ms(entry[0]) <= int(until)]
        found += [entry[b"data"] for _, entry in part if b"data" in entry]
        if len(part) < ENTRIES_AT_ONCE:
            return found
        at = f"({part[-1][0].decode()}"


def _ms(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
