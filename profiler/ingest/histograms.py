"""Keeps what histograms counted while somebody watched: blocks of their feeds' streams, for a week."""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Length
from redis.exceptions import RedisError

from profiler import streams
from profiler.core import histogram_block
from profiler.core.errors import BatchError
from profiler.core.feed_channel import feed_key
from profiler.core.histogram_batch import HistogramBatch, decompressed, unpacked
from profiler.core.histogram_stacks import stacks_of
from profiler.core.probe import Emits
from profiler.debugfiles.alone import alone
from profiler.models import HistogramBlock, Host
from profiler.probes.registry import all_probes

log = logging.getLogger(__name__)

LONGEST_S = 50
KEPT_S = 7 * 86_400
# A week of one feed in half-minute blocks is 20,160. A second takes 1 kB, with stacks of a busy host's examples 10 kB.
MAX_BLOCKS_OF_HOST = 20_160
MAX_BYTES_OF_HOST = 2 * 2**30
NS = 10**9


def take() -> None:
    """Everything that is in streams and in no block yet. Twice at a time does nothing more."""
    with alone("histograms", LONGEST_S) as mine:
        if not mine:
            return
        try:
            for host, feed in _feeds():
                keep(host, feed)
        except RedisError as error:
            log.warning("histograms are not kept now: %s", error)


def keep(host: Host, feed: str) -> None:
    """One block of what is new in a feed's stream; nothing when nothing is."""
    newest = HistogramBlock.objects.filter(host=host, feed=feed).aggregate(Max("end_ns"))["end_ns__max"] or 0
    kept: list[bytes] = []
    found: list[HistogramBatch] = []
    for data, batch in _new(host.pk, feed, newest):
        if sum(map(len, kept)) + len(data) > histogram_block.MAX_BLOCK_BYTES:
            break  # the next round goes on there
        kept.append(data)
        found.append(batch)
    if not any(batch.events for batch in found):
        return
    begin, end = found[0].start_ns, found[-1].end_ns
    try:
        with transaction.atomic():
            data = histogram_block.pack(kept)
            HistogramBlock.objects.create(host=host, feed=feed, begin_ns=begin, end_ns=end, data=data)
    except IntegrityError:
        log.info("%s of %s: a block that begins at %d is there already", feed, host.pk, begin)


def forget() -> None:
    """What is older than KEPT_S, and of each host the oldest beyond MAX_BLOCKS_OF_HOST or MAX_BYTES_OF_HOST."""
    HistogramBlock.objects.filter(end_ns__lt=time.time_ns() - KEPT_S * NS).delete()
    for host in Host.objects.all():
        blocks = HistogramBlock.objects.filter(host=host).order_by("-end_ns")
        if (limit := _beyond(blocks.values_list("end_ns", Length("data")))) is not None:
            HistogramBlock.objects.filter(host=host, end_ns__lte=limit).delete()


def _beyond(blocks: Iterable[tuple[int, int]]) -> int | None:
    """When the newest one ends that there is no room for; blocks are the newest first, with their lengths."""
    taken = 0
    for number, (end_ns, length) in enumerate(blocks):
        taken += length
        if number >= MAX_BLOCKS_OF_HOST or taken > MAX_BYTES_OF_HOST:
            return end_ns
    return None


def _feeds() -> Iterator[tuple[Host, str]]:
    """Of hosts and histograms that the server knows."""
    names = [probe.name for probe in all_probes().values() if probe.emits is Emits.HISTOGRAM]
    for host in Host.objects.all():
        start = len(feed_key(host.pk, ""))
        for name in names:
            pattern = feed_key(host.pk, f"{name}-*")
            yield from ((host, key.decode()[start:]) for key in streams.client().scan_iter(match=pattern, count=1000))


def _new(host: str, feed: str, newest_ns: int) -> Iterator[tuple[bytes, HistogramBatch]]:
    """Without compression. Times of entries are Redis's clock, those of batches the host's: so all are read."""
    probe = feed.rpartition("-")[0]
    entries: Any = streams.client().xrange(feed_key(host, feed))
    for key, entry in entries:
        if (data := entry.get(b"data")) is None:
            continue
        try:
            raw = decompressed(data)
            batch = unpacked(raw)
            stacks_of(batch)
        except BatchError as error:
            log.warning("%s of %s: entry %s is not kept: %s", feed, host, key, error)
            continue
        if batch.start_ns >= newest_ns and (batch.host, batch.probe) == (host, probe):
            yield raw, batch
