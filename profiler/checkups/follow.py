"""A checkup reads what its feeds send while they send it, and keeps in Redis what that came to.

A round reads what is new since the one before, a few batches at a time: no worker ever holds all events of a check. A
round that is done twice, or by two workers at once, counts nothing twice: how far it read and what that came to are
written together.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from profiler import streams
from profiler.core import event_batch, histogram_batch
from profiler.core.checkup import QUESTIONS, Question
from profiler.core.checkup_tally import Tally, add_counts, add_events, add_histogram
from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch
from profiler.core.feed_channel import STREAM_TTL_S, feed_key
from profiler.core.probe import Emits
from profiler.jobs.watch import Watch

log = logging.getLogger(__name__)

# Of each feed at once: two seconds of batches. Each may be as large as event_batch.MAX_BYTES.
ENTRIES_AT_ONCE = 8


class Followed(BaseModel):
    """One feed as far as it was read. `after`: the last entry that was; `first_ms`, `last_ms`: of its batches, by the
    host's clock, which numbers entries. `sent`: what its agent had sent by then since `began_ns`, so that a gap shows.
    """

    model_config = ConfigDict(extra="forbid")
    after: str = ""
    said: bool = False
    refusal: str = ""
    complete: bool = False
    first_ms: int | None = None
    last_ms: int = 0
    began_ns: int = 0
    sent: int = 0
    lost: int = 0
    unreadable: int = 0
    tallies: dict[str, Tally] = {}

    @property
    def seconds(self) -> float:
        """How much time its batches span."""
        return 0 if self.first_ms is None else (self.last_ms - self.first_ms) / 1000


def begin(checkup: UUID, host: str, watched: Iterable[Watch]) -> None:
    """What came before belongs to nobody: feeds may run for others already."""
    followed = {}
    for each in watched:
        newest: Any = streams.client().xrevrange(feed_key(host, each.feed), count=1)
        followed[each.feed] = Followed(after=newest[0][0].decode() if newest else "")
    _keep(checkup, host, followed)


def follow(checkup: UUID, host: str, watched: Mapping[str, Watch], seconds: float) -> dict[str, Followed]:
    """By feed, after reading what is new. `watched`: by question."""
    feeds = {each.feed: each for each in watched.values()}
    followed = _kept(checkup, host, list(feeds))
    before = {name: each.after for name, each in followed.items()}
    for name, each in followed.items():
        asked = [question for question in QUESTIONS if question.name in watched and watched[question.name].feed == name]
        _read(each, feeds[name], asked, int(seconds * 1000))
    _keep(checkup, host, {name: each for name, each in followed.items() if each.after != before[name]})
    return followed


def forget(checkup: UUID, host: str, feeds: Iterable[str]) -> None:
    streams.client().delete(*(_key(checkup, host, feed) for feed in feeds))


def _key(checkup: UUID, host: str, feed: str) -> str:
    return f"webprof:checkup:{checkup}:{host}:{feed}"


def _kept(checkup: UUID, host: str, feeds: list[str]) -> dict[str, Followed]:
    told: Any = streams.client().mget([_key(checkup, host, feed) for feed in feeds])
    return {
        feed: Followed.model_validate_json(text) if text else Followed() for feed, text in zip(feeds, told, strict=True)
    }


def _keep(checkup: UUID, host: str, followed: Mapping[str, Followed]) -> None:
    """As long as the entries it was made of."""
    pipe = streams.client().pipeline(transaction=False)
    for feed, each in followed.items():
        pipe.set(_key(checkup, host, feed), each.model_dump_json(), ex=STREAM_TTL_S)
    pipe.execute()


def _read(followed: Followed, watched: Watch, questions: list[Question], longest_ms: int) -> None:
    """What is new, until the time that was asked for is over."""
    key = feed_key(watched.host, watched.feed)
    while not followed.complete:
        after = f"({followed.after}" if followed.after else "-"
        part: Any = streams.client().xrange(key, min=after, count=ENTRIES_AT_ONCE)
        for entry, fields in part:
            _take(followed, watched, questions, entry.decode(), fields, longest_ms)
        if len(part) < ENTRIES_AT_ONCE:
            return


def _take(
    followed: Followed,
    watched: Watch,
    questions: list[Question],
    entry: str,
    fields: dict[bytes, bytes],
    longest_ms: int,
) -> None:
    followed.after, followed.said = entry, True
    followed.refusal = fields.get(b"error", b"").decode("utf-8", "replace")
    if followed.complete or b"data" not in fields:
        return
    at_ms = int(entry.partition("-")[0])
    if followed.first_ms is None:
        followed.first_ms = at_ms
    followed.last_ms = min(at_ms, followed.first_ms + longest_ms)
    followed.complete = at_ms - followed.first_ms >= longest_ms
    if at_ms - followed.first_ms <= longest_ms:
        _count(followed, watched, questions, fields[b"data"])


def _count(followed: Followed, watched: Watch, questions: list[Question], data: bytes) -> None:
    """What is damaged is left out, and told; how many events were in it the next batch says."""
    try:
        if watched.probe.emits is Emits.HISTOGRAM:
            _count_histogram(followed, watched, questions, data)
        else:
            _count_events(followed, watched, questions, event_batch.decode(data))
    except BatchError as error:
        followed.unreadable += 1
        log.warning("checkup: %s of host %s: a batch was left out: %s", watched.feed, watched.host, error)


def _count_histogram(followed: Followed, watched: Watch, questions: list[Question], data: bytes) -> None:
    batch = histogram_batch.decode(data)
    for question in questions:
        add_histogram(followed.tallies.setdefault(question.name, Tally()), watched.probe, batch)
    followed.lost += sum(batch.lost.values())


def _count_events(followed: Followed, watched: Watch, questions: list[Question], batch: EventBatch) -> None:
    add = add_counts if watched.probe.emits is Emits.COUNTERS else add_events
    for question in questions:
        add(followed.tallies.setdefault(question.name, Tally()), question, watched.probe, batch)
    followed.lost += sum(batch.lost.values())
    if batch.began_ns and batch.began_ns == followed.began_ns:
        followed.lost += max(0, batch.sent_before - followed.sent)
    followed.began_ns, followed.sent = batch.began_ns, batch.sent_before + len(batch)
