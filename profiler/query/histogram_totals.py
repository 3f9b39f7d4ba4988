"""What running histograms have counted since they began, for Prometheus: sums that only grow while a feed runs.

Agents send what a second added. What was added up so far is kept in Redis with the id of the last entry that is in it,
so that whoever asks next goes on there.
"""

from typing import Any

import msgpack
import numpy as np
from redis.exceptions import RedisError

from profiler import access, streams
from profiler.core.errors import BatchError
from profiler.core.feed_channel import STREAM_TTL_S, feed_key, lease_key
from profiler.core.histogram_batch import HistogramBatch, decode
from profiler.core.histogram_merge import joined
from profiler.core.probe import Emits, Probe, Shows
from profiler.core.prometheus import Totals, histogram_text
from profiler.errors import UnavailableError
from profiler.probes.registry import all_probes

# Prometheus asks each minute at the least; a feed that nobody asked about for so long begins at zero again.
TOTALS_TTL_S = STREAM_TTL_S
ENTRIES_AT_ONCE = 1000


def totals_key(host: str, feed: str) -> str:
    return f"webprof:totals:{host}:{feed}"


def metrics(user: access.Visitor) -> str:
    """Of all histograms that run. Raises NotFoundError for strangers, UnavailableError without Redis."""
    access.require_role(user)
    hosts = [host.pk for host in access.hosts(user)]
    probes = [probe for probe in all_probes().values() if probe.emits is Emits.HISTOGRAM]
    try:
        return "".join(_of_probe(probe, hosts) for probe in probes)
    except RedisError as error:
        raise UnavailableError(f"Redis does not answer: {error}") from error


def _of_probe(probe: Probe, hosts: list[str]) -> str:
    if probe.histogram is None:
        return ""
    rows = [row for host in hosts for feed in _running(host, probe) for row in _rows(host, feed, probe)]
    if not rows:
        return ""
    seconds = probe.histogram.shows is Shows.DURATION
    return histogram_text(probe.name, probe.about, probe.histogram.buckets, rows, seconds=seconds)


def _running(host: str, probe: Probe) -> list[str]:
    start = len(lease_key(host, ""))
    keys = streams.client().scan_iter(match=lease_key(host, f"{probe.name}-*"), count=1000)
    return sorted(key.decode()[start:] for key in keys)


def _rows(host: str, feed: str, probe: Probe) -> list[Totals]:
    total = _total(host, feed, probe)
    if total is None or probe.histogram is None:
        return []
    names = ("host", "feed", *probe.histogram.labels)
    return [
        Totals(dict(zip(names, (host, feed, *labels), strict=True)), counts, value)
        for labels, counts, value in zip(total.labels, total.counts, total.sums, strict=True)
    ]


def _total(host: str, feed: str, probe: Probe) -> HistogramBatch | None:
    """Reads on from where the last one who asked stopped."""
    buckets = probe.histogram.buckets if probe.histogram else None
    redis, key = streams.client(), totals_key(host, feed)
    last, so_far = _kept(redis.get(key))
    batches = [] if so_far is None else [so_far]
    entries: Any = redis.xrange(feed_key(host, feed), min=f"({last}" if last else "-", count=ENTRIES_AT_ONCE)
    for entry_id, entry in entries:
        last = entry_id.decode()
        try:
            batch = decode(entry.get(b"data", b""))
        except BatchError:
            continue  # the feed's reader tells of it
        if (batch.host, batch.probe, batch.buckets) == (host, probe.name, buckets):
            batches.append(batch)
    if not batches:
        return None
    total = joined(batches)
    redis.set(key, _packed(last, total), ex=TOTALS_TTL_S)
    return total


def _packed(last: str, total: HistogramBatch) -> bytes:
    """Sums of hours are too large for a batch, whose counts are of a second."""
    shape = [total.host, total.probe, total.start_ns, total.end_ns, total.labels]
    data: bytes = msgpack.packb([last, *shape, total.counts.astype("<i8").tobytes(), [str(one) for one in total.sums]])
    return data


def _kept(data: Any) -> tuple[str, HistogramBatch | None]:
    if data is None:
        return "", None
    last, host, probe, start, end, labels, counts, sums = msgpack.unpackb(data)
    found = all_probes().get(probe)
    if found is None or found.histogram is None:
        return "", None
    buckets = found.histogram.buckets
    matrix = np.frombuffer(counts, "<i8").reshape(-1, buckets.count)
    rows = (tuple(map(tuple, labels)), matrix, tuple(map(int, sums)))
    return last, HistogramBatch(host, probe, start, end, buckets, *rows)
