"""Examples of chosen buckets and seconds of a histogram: from the last ten minutes' stream, and from what was kept."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from redis.exceptions import RedisError

from profiler import streams
from profiler.core import wire
from profiler.core.cut import Which, only
from profiler.core.errors import BatchError
from profiler.core.feed_channel import STREAM_TTL_S, feed_key
from profiler.core.grouping import GroupBy
from profiler.core.histogram_batch import HistogramBatch, decode
from profiler.core.histogram_block import batches_of
from profiler.core.histogram_stacks import EXAMPLES, Chosen, Found, chosen_examples, profile_of
from profiler.core.probe import Histogram, Probe
from profiler.core.profile import ProfileMeta
from profiler.core.tree import build_tree
from profiler.errors import InvalidError, UnavailableError
from profiler.models import HistogramBlock
from profiler.query.histograms import MAX_RANGE_S

NS, NS_OF_MS = 10**9, 10**6
# Of rows that a page lists.
MAX_ROWS = 200


def asked_cells(given: Mapping[str, str], histogram: Histogram) -> Chosen:
    """Of an address: `cells-at=<from>-<to>` in Unix milliseconds, `cells-buckets=<low>-<high>`, and `cells-row` when it
    is one row. Raises InvalidError.
    """
    begin, end = _pair(given, "cells-at", "Unix milliseconds, the earlier first")
    last = histogram.buckets.count - 1
    low, high = _pair(given, "cells-buckets", f"numbers of buckets from 0 to {last}, the lower first")
    if not 0 < end - begin <= MAX_RANGE_S * 1000:
        raise InvalidError(f"cells-at={begin}-{end} must be a time of at most {MAX_RANGE_S} s, the earlier first")
    if not low <= high <= last:
        raise InvalidError(f"cells-buckets={low}-{high} must be from 0 to {last}, the lower first")
    return Chosen(low, high, begin * NS_OF_MS, end * NS_OF_MS, given.get("cells-row"))


def _pair(given: Mapping[str, str], name: str, what: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,16})", given.get(name, ""))
    if not found:
        raise InvalidError(f"{name}={given.get(name, '')[:40]!r} must be two {what}")
    return int(found[1]), int(found[2])


def examples(host: str, probe: Probe, feed: str, chosen: Chosen) -> Found:
    return chosen_examples(_batches(host, probe, feed, chosen), chosen)


def rows(found: Found) -> list[dict[str, Any]]:
    """The slowest, for a page."""
    return [
        {
            "at_ms": one.at_ns / NS_OF_MS,
            "value": one.value,
            "pid": one.pid,
            "tid": one.tid,
            "comm": one.comm,
            "labels": one.labels,
            "stack": one.stack is not None,
            "no_stack": one.no_stack,
        }
        for one, _ in found.examples[:MAX_ROWS]
    ]


def examples_tree(
    host: str, probe: Probe, found: Found, chosen: Chosen, group: tuple[GroupBy, ...], which: Which
) -> bytes:
    """The wire message of their stacks; every example counts one."""
    meta = ProfileMeta(
        kind=probe.name,
        unit=EXAMPLES,
        host=host,
        probe=probe.name,
        start_ns=chosen.from_ns,
        duration_ns=chosen.to_ns - chosen.from_ns,
        period_ns=0,
    )
    return wire.encode(build_tree(only(profile_of(found, meta), which), group))


def _batches(host: str, probe: Probe, feed: str, chosen: Chosen) -> Iterator[HistogramBatch]:
    """Each once: what is in a block may be in the stream still."""
    seen: set[int] = set()
    inside = {"begin_ns__lt": chosen.to_ns, "end_ns__gt": chosen.from_ns}
    for block in HistogramBlock.objects.filter(host_id=host, feed=feed, **inside).order_by("begin_ns"):
        for batch in batches_of(bytes(block.data)):
            seen.add(batch.start_ns)
            yield batch
    if chosen.to_ns > time.time_ns() - STREAM_TTL_S * NS:
        yield from (batch for batch in _streamed(host, probe, feed) if batch.start_ns not in seen)


def _streamed(host: str, probe: Probe, feed: str) -> Iterator[HistogramBatch]:
    try:
        entries: Any = streams.client().xrange(feed_key(host, feed))
    except RedisError as error:
        raise UnavailableError(f"Redis does not answer, which has the last ten minutes: {error}") from error
    for _, entry in entries:
        try:
            batch = decode(entry.get(b"data", b""))
        except BatchError:
            continue  # the feed's reader tells of it
        if (batch.host, batch.probe) == (host, probe.name):
            yield batch
