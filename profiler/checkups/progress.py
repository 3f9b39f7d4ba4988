"""How far a checkup is on each of its hosts, for those who wait for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import redis

from profiler import streams
from profiler.core.feed_channel import STREAM_TTL_S


def tell(checkup: UUID, seconds: Mapping[str, float]) -> None:
    """By host: how much of the time that was asked for all its feeds have covered."""
    if seconds:
        pipe = streams.client().pipeline(transaction=False)
        pipe.hset(_key(checkup), mapping={host: f"{covered:.1f}" for host, covered in seconds.items()})
        pipe.expire(_key(checkup), STREAM_TTL_S)
        pipe.execute()


def told(checkup: UUID) -> dict[str, float]:
    """Empty before the first round, and while Redis is away."""
    try:
        found: Any = streams.client().hgetall(_key(checkup))
    except redis.RedisError:
        return {}
    return {host.decode(): float(covered) for host, covered in found.items()}


def _key(checkup: UUID) -> str:
    return f"webprof:checkup-progress:{checkup}"
