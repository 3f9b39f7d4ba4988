"""Histograms on their way: a round trip, and what is refused of what comes."""

from dataclasses import replace

import msgpack
import numpy as np
import pytest
import zstandard

from profiler.core import histogram_batch
from profiler.core.errors import BatchError
from profiler.core.histogram import Buckets
from profiler.core.histogram_batch import Exemplar, HistogramBatch, decode, decompressed, encode, unpacked_counts

BATCH = HistogramBatch(
    host="web-1",
    probe="block_io",
    start_ns=10,
    end_ns=20,
    buckets=Buckets(3),
    labels=(("vda", "read"), ("vda", "write")),
    counts=np.array([[1, 2, 3], [0, 0, 2**32 - 1]]),
    sums=(17, 2**64 - 1),
    exemplars=(Exemplar(at_ns=11, value=5, pid=1, tid=2, comm="a\n😀", labels=("vda", "read")),),
    lost={"table full": 3},
)
NOTHING = np.zeros((0, 3), dtype=np.int64)


def test_a_batch_comes_as_it_went() -> None:
    came = decode(encode(BATCH))
    assert replace(came, counts=NOTHING) == replace(BATCH, counts=NOTHING)
    assert came.counts.tolist() == BATCH.counts.tolist()
    assert came.events == 6 + 2**32 - 1


def test_its_counts_alone_are_those_of_all_rows() -> None:
    came = unpacked_counts(decompressed(encode(BATCH)))
    assert came.counts.tolist() == [1, 2, 3 + 2**32 - 1]
    assert (came.host, came.probe, came.start_ns, came.end_ns, came.buckets) == (
        "web-1",
        "block_io",
        10,
        20,
        Buckets(3),
    )
    assert came.lost == {"table full": 3}


@pytest.mark.parametrize("data", [b"", encode(BATCH)[:-3]])
def test_counts_of_what_is_no_batch_are_refused(data: bytes) -> None:
    with pytest.raises(BatchError):
        unpacked_counts(decompressed(data))


@pytest.mark.parametrize("change", [{"schema": 2}, {"buckets": 64}, {"counts": bytes(23)}, {"end_ns": 9}, {"step": 0}])
def test_counts_of_a_damaged_batch_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BatchError):
        unpacked_counts(decompressed(tampered(**change)))


def test_a_second_without_events_is_a_batch_too() -> None:
    quiet = decode(encode(replace(BATCH, labels=(), counts=NOTHING, sums=(), exemplars=())))
    assert quiet.events == 0


def tampered(**changes: object) -> bytes:
    raw = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(encode(BATCH)))
    return zstandard.ZstdCompressor().compress(msgpack.packb(raw | changes))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zstd",
        encode(BATCH)[:-3],
        tampered(schema=2),
        tampered(buckets=0),
        tampered(buckets=64),
        tampered(buckets=4),
        tampered(step=0),
        tampered(counts=bytes(23)),
        tampered(sums=[1]),
        tampered(sums=[1, -1]),
        tampered(labels=[["vda", "read"], ["vda"]]),
        tampered(labels=[["a"] * 5, ["b"] * 5]),
        tampered(start_ns=21),
        tampered(lost={"table full": -1}),
        tampered(exemplars=[{"at_ns": 1}]),
        tampered(more=1),
    ],
)
def test_what_is_no_batch_is_refused(data: bytes) -> None:
    with pytest.raises(BatchError, match="histogram"):
        decode(data)


@pytest.mark.parametrize("bound", ["MAX_BYTES", "MAX_COMPRESSED_BYTES"])
def test_a_batch_of_too_many_bytes_is_refused(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(histogram_batch, bound, 64)
    with pytest.raises(BatchError, match=bound):
        decode(encode(BATCH))
