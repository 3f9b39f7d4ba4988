"""The server's end of a stream: each entry is handled at least once, then deleted; bad ones are set aside."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from redis import Redis, ResponseError
from redis.exceptions import RedisError

from profiler.core.channel import SERVER_GROUP
from profiler.core.errors import WebprofError

log = logging.getLogger(__name__)

# All workers are one consumer: what one leaves behind, any may claim.
CONSUMER = "ingest"
# Longer than the largest batch takes to store, or two workers would do the same work.
CLAIM_IDLE_MS = 120_000
# An entry that kills or fails its worker this often will do it again.
MAX_DELIVERIES = 5
REJECTED_STREAM = "webprof:rejected"
# For a person to look at: the last ones, each with enough of its data to recognise it.
REJECTED_CAP = 100
REJECTED_BYTES = 4096

Fields = Mapping[bytes, bytes]


@dataclass(frozen=True)
class Queue:
    """`handle` stores one entry and returns after the commit. It raises WebprofError for an entry that is bad."""

    stream: str
    handle: Callable[[Fields], None]
    refused: Callable[[Fields, WebprofError], None]
    read_count: int


def drain(redis: "Redis", queue: Queue, limit: int | None = None) -> int:
    """Handle all that waits, or up to `limit` entries, also what a lost worker left; how many left the stream."""
    _ensure_group(redis, queue.stream)
    waiting = islice(_waiting(redis, queue), limit)
    return sum(_settle(redis, queue, entry_id, fields) for entry_id, fields in waiting)


def _ensure_group(redis: "Redis", stream: str) -> None:
    try:
        redis.xgroup_create(stream, SERVER_GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def _waiting(redis: "Redis", queue: Queue) -> Iterator[tuple[bytes, Fields]]:
    cursor: Any = "0-0"
    while True:
        claimed = redis.xautoclaim(queue.stream, SERVER_GROUP, CONSUMER, CLAIM_IDLE_MS, cursor, count=queue.read_count)
        cursor, entries = claimed[0], claimed[1]
        yield from entries
        if cursor == b"0-0":
            break
    while replies := cast(
        "list[Any]", redis.xreadgroup(SERVER_GROUP, CONSUMER, {queue.stream: ">"}, count=queue.read_count)
    ):
        yield from replies[0][1]


def _settle(redis: "Redis", queue: Queue, entry_id: bytes, fields: Fields) -> bool:
    """Handle one entry; False when it stays for another try."""
    try:
        _require_fresh(redis, queue.stream, entry_id)
        queue.handle(fields)
    except WebprofError as error:
        queue.refused(fields, error)
        set_aside(redis, queue.stream, entry_id, fields, str(error))
    except RedisError:
        raise
    except Exception:
        # A database that is away, a full disk: the entry waits, unacknowledged, for its next delivery.
        log.exception("%s %s: not stored, will be tried again", queue.stream, entry_id.decode())
        return False
    with redis.pipeline(transaction=True) as both:
        both.xack(queue.stream, SERVER_GROUP, entry_id)
        both.xdel(queue.stream, entry_id)
        both.execute()
    return True


def _require_fresh(redis: "Redis", stream: str, entry_id: bytes) -> None:
    pending = cast(
        "list[dict[str, int]]",
        redis.xpending_range(stream, SERVER_GROUP, min=entry_id, max=entry_id, count=1),
    )
    if pending and pending[0]["times_delivered"] > MAX_DELIVERIES:
        raise WebprofError(f"could not be stored in {MAX_DELIVERIES} tries; the worker's log says why")


def set_aside(redis: "Redis", stream: str, entry_id: bytes, fields: Fields, reason: str) -> None:
    """Show on the operations page what was refused of an entry, and why. Raises RedisError."""
    log.warning("%s %s refused: %s", stream, entry_id.decode(), reason)
    message: dict[Any, Any] = {
        "stream": stream,
        "id": entry_id,
        "run": fields.get(b"run", b"")[:64],
        "reason": reason[:2000],
        "data": fields.get(b"data", b"")[:REJECTED_BYTES],
    }
    redis.xadd(REJECTED_STREAM, message, maxlen=REJECTED_CAP, approximate=False)
