"""Events of a part of the time that a feed's stream still holds: for a page that did not watch then."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from profiler import access, streams
from profiler.core import event_batch, feed_wire
from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch
from profiler.core.feed_channel import feed_key
from profiler.core.probe import Emits
from profiler.errors import InvalidError, UnavailableError
from profiler.jobs.watch import Watch, watch

NS = 10**9
# What one page may be sent at once: a screen's ticks, and rows that somebody can read.
MAX_EVENTS = 50_000
# Of the stream, before it is unpacked: one answer must not take the server's memory.
MAX_BYTES = 32 * 2**20
ENTRIES_AT_ONCE = 20


@dataclass(frozen=True)
class FeedHistory:
    """`messages` as the socket sends them, the oldest first. `held_from_ns`: when the oldest of them began; None
    without any. `cut`: there are older ones, over MAX_EVENTS or MAX_BYTES.
    """

    messages: tuple[bytes, ...]
    held_from_ns: int | None
    cut: bool


def feed_history(
    user: access.Visitor, host: str, probe: str, given: Mapping[str, str], since: datetime, until: datetime
) -> FeedHistory:
    """`given`: the probe's parameters as text. Raises NotFoundError, InvalidError, UnavailableError."""
    asked = watch(user, host, probe, given)
    if asked.probe.emits not in (Emits.EVENTS, Emits.COUNTERS):
        raise InvalidError(f"probe {asked.probe.name} gives no events, but {asked.probe.emits}")
    begin, end = (int(moment.timestamp() * NS) for moment in (since, until))
    if begin >= end:
        raise InvalidError(f"until: {until.isoformat()} is not after since", "until")
    try:
        return _held(asked, begin, end)
    except RedisError as error:
        raise UnavailableError(f"Redis does not answer: {error}") from error


def _held(asked: Watch, begin: int, end: int) -> FeedHistory:
    """The newest first, until it is enough: times of batches grow with the entries that have them."""
    found: list[list[bytes]] = []
    events = size = 0
    oldest: int | None = None
    for key, data in _entries(asked):
        batch = _decoded(asked, data)
        if batch is None or _begin_ns(batch) >= end:
            continue
        if batch.end_ns < begin:
            break
        events, size = events + len(batch), size + len(data)
        if found and (events > MAX_EVENTS or size > MAX_BYTES):
            return FeedHistory(_in_order(found), oldest, cut=True)
        # A batch that lacks a column is passed over, by the live feed as well.
        with contextlib.suppress(BatchError):
            found.append(feed_wire.messages(batch, asked.probe, _head(key, batch)))
            oldest = _begin_ns(batch)
    return FeedHistory(_in_order(found), oldest, cut=False)


def _begin_ns(batch: EventBatch) -> int:
    """A first batch has what happened while the agent began to read, too."""
    return min([batch.start_ns, *(int(at) for at in batch.columns.get("at_ns", ())[:1])])


def _in_order(newest_first: list[list[bytes]]) -> tuple[bytes, ...]:
    return tuple(message for messages in reversed(newest_first) for message in messages)


def _head(key: bytes, batch: EventBatch) -> dict[str, Any]:
    """As of a socket whose first message this is."""
    sent_before = batch.sent_before if batch.began_ns else None
    place = {"entry": key.decode(), "began": str(batch.began_ns), "sent_before": sent_before}
    return {**place, "lost_before": {}, "lost": {cause: count for cause, count in batch.lost.items() if count}}


def _decoded(asked: Watch, data: bytes) -> EventBatch | None:
    """None for what can't be read, and for what is another's: the live feed passes over it as well."""
    try:
        batch = event_batch.decode(data)
    except BatchError:
        return None
    return batch if (batch.host, batch.probe) == (asked.host, asked.probe.name) else None


def _entries(asked: Watch) -> Iterator[tuple[bytes, bytes]]:
    """From the newest on."""
    key, before = feed_key(asked.host, asked.feed), "+"
    while True:
        entries: Any = streams.client().xrevrange(key, max=before, count=ENTRIES_AT_ONCE)
        yield from ((entry, fields[b"data"]) for entry, fields in entries if b"data" in fields)
        if len(entries) < ENTRIES_AT_ONCE:
            return
        before = f"({entries[-1][0].decode()}"
