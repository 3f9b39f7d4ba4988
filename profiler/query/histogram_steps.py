"""A histogram over a range of time in steps, all rows together: for lanes of percentiles, and distributions."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from profiler import access, streams
from profiler.core.errors import BatchError
from profiler.core.feed_channel import feed_key
from profiler.core.histogram import Counts
from profiler.core.histogram_batch import BucketCounts, decompressed, unpacked_counts
from profiler.core.histogram_block import raw_batches
from profiler.core.probe import Histogram, Probe
from profiler.errors import InvalidError, UnavailableError
from profiler.ingest.histograms import KEPT_S
from profiler.jobs.watch import watch
from profiler.models import HistogramBlock

NS = 10**9
# As many as pages draw of counters.
MAX_STEPS = 1500
# Of an answer: nearly three hours of watching. Older ones are left out, and that is told.
MAX_BATCHES = 10_000


@dataclass
class HistogramSteps:
    """`counts`: of each step (its number since 1970) by bucket. `looked_from_ns`: what began earlier was not looked at.
    `known_until_ns`: the end of the newest batch that is in it, 0 when none is.
    """

    probe: Probe
    histogram: Histogram
    step_s: int
    looked_from_ns: int
    known_until_ns: int = 0
    counts: dict[int, Counts] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    def add(self, batch: BucketCounts) -> None:
        """By the step that its middle is in."""
        step = (batch.start_ns + batch.end_ns) // 2 // (self.step_s * NS)
        self.counts[step] = self.counts[step] + batch.counts if step in self.counts else batch.counts
        self.known_until_ns = max(self.known_until_ns, batch.end_ns)
        for cause, count in batch.lost.items():
            self.lost[cause] = self.lost.get(cause, 0) + count


def histogram_steps(
    user: access.Visitor, host: str, probe: str, given: Mapping[str, str], since: datetime, until: datetime, step_s: int
) -> HistogramSteps:
    """`given`: the probe's parameters as text. Raises NotFoundError, InvalidError, UnavailableError."""
    asked = watch(user, host, probe, given)
    if asked.probe.histogram is None:
        raise InvalidError(f"probe {asked.probe.name} gives no histogram, but {asked.probe.emits}")
    begin, end = (int(moment.timestamp()) for moment in (since, until))
    _check(begin, end, step_s)
    begin = max(begin, int(time.time()) - KEPT_S) // step_s * step_s
    found = HistogramSteps(asked.probe, asked.probe.histogram, step_s, begin * NS)
    try:
        _fill(found, asked.host, asked.feed, end * NS)
    except RedisError as error:
        raise UnavailableError(f"Redis does not answer: {error}") from error
    return found


def _check(begin: int, end: int, step_s: int) -> None:
    if begin >= end:
        raise InvalidError(f"until: {end} is not after since ({begin})", "until")
    if step_s < 1:
        raise InvalidError(f"step_s: {step_s}; it must be whole seconds, one or more", "step_s")
    if (end - begin) > step_s * MAX_STEPS:
        raise InvalidError(f"step_s: {(end - begin) // step_s:,} steps are over MAX_STEPS ({MAX_STEPS})", "step_s")


def _fill(found: HistogramSteps, host: str, feed: str, end_ns: int) -> None:
    """From the newest on, as far as MAX_BATCHES go: first what is in no block yet."""
    begin_ns, room = found.looked_from_ns, MAX_BATCHES
    blocks = HistogramBlock.objects.filter(host_id=host, feed=feed, end_ns__gt=begin_ns).order_by("-end_ns")
    taken_ns = blocks.values_list("end_ns", flat=True).first() or begin_ns
    batches = _wanted(found.probe, host, _waiting(host, feed), max(begin_ns, taken_ns), end_ns)
    for batch in batches:
        found.add(batch)
    # Not those that are made while this is read: what they hold was waiting.
    for block in blocks.filter(begin_ns__lt=end_ns, end_ns__lte=taken_ns).iterator(chunk_size=20):
        packed = raw_batches(bytes(block.data))
        if len(packed) > room:
            found.looked_from_ns = block.end_ns
            return
        room -= len(packed)
        for batch in _wanted(found.probe, host, packed, begin_ns, end_ns):
            found.add(batch)


def _waiting(host: str, feed: str) -> Iterator[bytes]:
    entries: Any = streams.client().xrange(feed_key(host, feed))
    for _, fields in entries:
        with contextlib.suppress(BatchError):  # the feed's reader tells of it
            if b"data" in fields:
                yield decompressed(fields[b"data"])


def _wanted(probe: Probe, host: str, packed: Iterable[bytes], begin_ns: int, end_ns: int) -> Iterator[BucketCounts]:
    """Those that begin in the range and have the buckets that the probe has now."""
    for data in packed:
        try:
            batch = unpacked_counts(data)
        except BatchError:
            continue
        alike = probe.histogram is not None and batch.buckets == probe.histogram.buckets
        if alike and (batch.host, batch.probe) == (host, probe.name) and begin_ns <= batch.start_ns < end_ns:
            yield batch
