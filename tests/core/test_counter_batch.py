"""Counters on their way: a round trip, and what is refused of what comes."""

import msgpack
import numpy as np
import pytest
import zstandard

from profiler.core import counter_batch
from profiler.core.counter_batch import CounterBatch, decode, encode
from profiler.core.counters import Row
from profiler.core.errors import BatchError

ROWS = [Row(2_000, 1_000, {"cpu.user": 7, "load.1": 0.25}), Row(3_000, 1_000, {"cpu.user": 11, "disk.reads:vda": 2})]


def test_a_batch_comes_as_it_went_and_says_what_is_not_known() -> None:
    came = decode(encode(CounterBatch.of("web-1", ROWS, lost_s=13)))
    assert (came.host, came.lost_s, came.names) == ("web-1", 13, ("cpu.user", "load.1", "disk.reads:vda"))
    assert (came.at_ns.tolist(), came.span_ns.tolist()) == ([2_000, 3_000], [1_000, 1_000])
    expected = [[7, 11], [0.25, np.nan], [np.nan, 2]]
    np.testing.assert_array_equal(came.values, expected)


def tampered(**changes: object) -> bytes:
    raw = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(encode(CounterBatch.of("web-1", ROWS))))
    return zstandard.ZstdCompressor().compress(msgpack.packb(raw | changes))


def values(*numbers: float) -> bytes:
    return np.array(numbers, "<f8").tobytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zstd",
        encode(CounterBatch.of("web-1", ROWS))[:-3],
        tampered(schema=2),
        tampered(host="no host!"),
        tampered(names=["cpu.user", "load.1"]),
        tampered(names=["cpu.user", "load.1", "disk.reads"]),
        tampered(names=["cpu.user", "load.1", "load.1"]),
        tampered(values=values(1, 2, 3)),
        tampered(values=values(1, 2, 3, 4, 5, -1)),
        tampered(values=values(1, 2, 3, 4, 5, np.inf)),
        tampered(span_ns=[1_000, 0]),
        tampered(span_ns=[1_000, 10**12]),
        tampered(span_ns=[1_000]),
        tampered(at_ns=[1, -1]),
        tampered(at_ns=[1] * (counter_batch.MAX_ROWS + 1)),
        tampered(lost_s=-1),
        tampered(more=1),
    ],
)
def test_what_is_no_batch_is_refused(data: bytes) -> None:
    with pytest.raises(BatchError, match="counters"):
        decode(data)


def test_a_batch_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_batch, "MAX_BYTES", 64)
    with pytest.raises(BatchError, match="MAX_BYTES"):
        decode(encode(CounterBatch.of("web-1", ROWS)))
