"""What an agent's batch becomes for browsers, by what the probe emits: adding a kind is adding a line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from profiler.core import event_batch, feed_wire, histogram_batch, histogram_wire
from profiler.core.errors import BatchError
from profiler.core.probe import Emits, Probe


@dataclass(frozen=True)
class Forwarded:
    """One entry of a feed's stream. `events` are in it, `lost` were lost before it; `messages` go out in their order.

    `began_ns` and `sent_before` as in EventBatch; `sent_before` is None where a kind does not tell.
    """

    events: int
    lost: Mapping[str, int]
    began_ns: int
    sent_before: int | None
    messages: Callable[[Mapping[str, Any]], list[bytes]]


Reader = Callable[[Probe, str, bytes], Forwarded]


def read(probe: Probe, host: str, data: bytes) -> Forwarded:
    """`data` of an entry, checked. Its `messages` take what goes into their headers. Raises BatchError."""
    return READERS[probe.emits](probe, host, data)


def _events(probe: Probe, host: str, data: bytes) -> Forwarded:
    batch = event_batch.decode(data)
    if (batch.host, batch.probe) != (host, probe.name):
        raise BatchError(f"events of {batch.probe} on {batch.host}, in the feed of {probe.name} on {host}")

    def messages(head: Mapping[str, Any]) -> list[bytes]:
        return feed_wire.messages(batch, probe, head)

    return Forwarded(len(batch), batch.lost, batch.began_ns, batch.sent_before if batch.began_ns else None, messages)


def _histogram(probe: Probe, host: str, data: bytes) -> Forwarded:
    batch = histogram_batch.decode(data)
    if (batch.host, batch.probe) != (host, probe.name):
        raise BatchError(f"a histogram of {batch.probe} on {batch.host}, in the feed of {probe.name} on {host}")
    if probe.histogram is None or batch.buckets != probe.histogram.buckets:
        raise BatchError(
            f"a histogram of {batch.probe} has {batch.buckets}; this server knows others: update the agent"
        )
    return Forwarded(batch.events, batch.lost, 0, None, lambda head: [histogram_wire.message(batch, head)])


READERS: Mapping[Emits, Reader] = {
    Emits.EVENTS: _events,
    Emits.COUNTERS: _events,
    Emits.HISTOGRAM: _histogram,
}
