"""Counters of hosts: from their streams into blocks, in rounds. To take a batch twice changes nothing."""

import logging
import time
from collections.abc import Iterator
from typing import Any, cast

from django.db import transaction

from profiler import streams
from profiler.catalog.rounds import told
from profiler.core.channel import COUNTERS_TTL_S, MAX_COUNTER_ENTRIES, counters_key
from profiler.core.counter_batch import CounterBatch, decode
from profiler.core.counter_block import KEPT_S, SECOND_NS, SLOTS, TIERS, Block, encode, merged, rolled, seconds
from profiler.core.counter_block import decode as decode_block
from profiler.core.errors import BatchError
from profiler.debugfiles.alone import alone
from profiler.ingest.queue import set_aside
from profiler.models import CounterBlock, Host

log = logging.getLogger(__name__)

COUNTERS = "counters"
LONGEST_S = 300
# Of an agent whose clock is further ahead: nobody would find its counters, and they would never be forgotten.
MAX_AHEAD_S = 60
MINUTE_S = 60
# What stays in the stream for pages that show the last moments; the rest is in the database.
TAIL_MS = 120_000

Entry = tuple[bytes, dict[bytes, bytes]]


def taken_key(host: str) -> str:
    """The id of the last entry of the host's stream that was taken."""
    return f"webprof:counters-taken:{host}"


def take() -> int:
    """Keep what came of every host; returns how many batches. Raises RedisError."""
    with alone(COUNTERS, LONGEST_S) as mine:
        if not mine:
            return 0
        with told(COUNTERS) as this:
            found = [_take(host) for host in Host.objects.values_list("pk", flat=True)]
            hosts = sum(map(bool, found))
            this.did = f"seconds of {hosts} {'host' if hosts == 1 else 'hosts'}" if hosts else ""
            return sum(found)


def waiting(host: str, most: int = MAX_COUNTER_ENTRIES) -> list[Entry]:
    """Entries that were not taken yet. Raises RedisError."""
    redis = streams.client()
    taken = cast("bytes | None", redis.get(taken_key(host)))
    begin = b"(" + taken if taken else "-"
    return cast("list[Entry]", redis.xrange(counters_key(host), min=cast("Any", begin), count=most))


def batches(host: str, entries: list[Entry], refused: list[tuple[Entry, str]]) -> Iterator[CounterBatch]:
    """Those that can be believed; the others are added to `refused`."""
    now_ns = time.time_ns()
    oldest_ns, newest_ns = now_ns - KEPT_S[TIERS[0]] * SECOND_NS, now_ns + MAX_AHEAD_S * SECOND_NS
    for entry in entries:
        try:
            batch = decode(entry[1].get(b"data", b""))
        except BatchError as error:
            refused.append((entry, str(error)))
            continue
        if batch.host != host:
            refused.append((entry, f"counters of host {batch.host} in the stream of {host}"))
        elif len(batch.at_ns) and not oldest_ns <= batch.at_ns.min() <= batch.at_ns.max() <= newest_ns:
            refused.append((entry, f"counters of {host}: an hour or more late, or its clock is ahead of the server's"))
        else:
            yield batch


def _take(host: str) -> int:
    entries = waiting(host)
    if not entries:
        return 0
    refused: list[tuple[Entry, str]] = []
    came = [batch for batch in batches(host, entries, refused) if len(batch.at_ns)]
    if came:
        with transaction.atomic():
            _keep(host, came)
    _settle(host, entries[-1][0], refused)
    return len(entries)


def _settle(host: str, last: bytes, refused: list[tuple[Entry, str]]) -> None:
    redis = streams.client()
    if refused:
        # One of a round is enough to say what is wrong with the host.
        (entry_id, fields), why = refused[0]
        set_aside(redis, counters_key(host), entry_id, fields, f"{why} ({len(refused)} batches)")
    with redis.pipeline(transaction=True) as both:
        both.set(taken_key(host), last, ex=COUNTERS_TTL_S)
        both.xtrim(
            counters_key(host), minid=cast("Any", max(int(last.partition(b"-")[0]) - TAIL_MS, 0)), approximate=False
        )
        both.execute()


def _keep(host: str, came: list[CounterBatch]) -> None:
    first_s = min(int((batch.at_ns - batch.span_ns).min()) for batch in came) // SECOND_NS
    last_s = max(int(batch.at_ns.max()) for batch in came) // SECOND_NS
    begin_s, end_s = (first_s // MINUTE_S) * MINUTE_S, (last_s // MINUTE_S + 1) * MINUTE_S
    found = seconds(came, begin_s, end_s)
    for minute_s in range(begin_s, end_s, MINUTE_S):
        part = merged([found], minute_s, minute_s + MINUTE_S, 1)
        if part.names:
            whole = _put(host, part)
            for step_s in TIERS[1:]:
                _put(host, rolled(whole, step_s))


def _put(host: str, part: Block) -> Block:
    """Into the block that it is of; returns all of that."""
    length_s = part.step_s * SLOTS
    begin_s = part.begin_s // length_s * length_s
    place: dict[str, Any] = {"host_id": host, "step_s": part.step_s, "begin_s": begin_s}
    kept = [decode_block(bytes(row.data), begin_s, part.step_s) for row in CounterBlock.objects.filter(**place)]
    made = merged([*kept, part], begin_s, begin_s + length_s, part.step_s)
    CounterBlock.objects.update_or_create(**place, defaults={"data": encode(made)})
    return made


def forget(now_s: float | None = None) -> int:
    """Delete blocks that are past their time; returns how many."""
    now = int(time.time() if now_s is None else now_s)
    old = (
        CounterBlock.objects.filter(step_s=step_s, begin_s__lt=now - kept_s - step_s * SLOTS).delete()[0]
        for step_s, kept_s in KEPT_S.items()
    )
    return sum(old)
