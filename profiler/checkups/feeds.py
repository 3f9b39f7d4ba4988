"""Feeds of a checkup in Redis: which they are, and how they are kept running."""

from collections.abc import Iterable

import redis

from profiler import streams
from profiler.core.checkup import CPU, QUESTIONS
from profiler.core.feed_channel import LEASE_TTL_S, lease_key
from profiler.errors import UnavailableError
from profiler.jobs.watch import Watch, ask_host
from profiler.probes.registry import probe_named


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
    """The clock of Redis. Raises UnavailableError."""
    try:
        seconds, micros = streams.client().time()
    except redis.RedisError as error:
        raise UnavailableError(f"Redis does not answer: {error}; try again") from error
    return int(seconds) * 1000 + int(micros) // 1000


def keep_running(watched: Iterable[Watch], silent: Iterable[Watch]) -> None:
    """Renew leases; ask the host for what has said nothing yet. Raises UnavailableError and RedisError."""
    pipe = streams.client().pipeline(transaction=False)
    for each in watched:
        pipe.set(lease_key(each.host, each.feed), b"", ex=LEASE_TTL_S)
    pipe.execute()
    for each in silent:
        ask_host(each)
