"""Events on their way: a round trip, and what is refused of what comes."""

from dataclasses import replace

import msgpack
import numpy as np
import pytest
import zstandard

from profiler.core import event_batch
from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch, decode, encode

BATCH = EventBatch(
    host="web-1",
    probe="exec",
    start_ns=10,
    end_ns=20,
    columns={"at_ns": np.array([11, 12], dtype="<u8"), "pid": np.array([1, 2], dtype="<u4"), "comm": ["a\n", "😀"]},
    lost={event_batch.LOST_RING: 3},
    began_ns=5,
    sent_before=7,
)


def test_a_batch_comes_as_it_went() -> None:
    came = decode(encode(BATCH))
    assert replace(came, columns={}) == replace(BATCH, columns={})
    assert {name: list(column) for name, column in came.columns.items()} == {
        name: list(column) for name, column in BATCH.columns.items()
    }
    assert len(came) == 2


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
        tampered(lost={"ring full": -1}),
        tampered(sent_before=-1),
        tampered(columns={"at_ns": {"dtype": "<u8", "data": b"1234567"}}),
        tampered(columns={"at_ns": {"dtype": "O", "data": b""}}),
        tampered(columns={"at_ns": {"dtype": "<u8", "data": bytes(8)}, "comm": ["a", "b"]}),
        tampered(columns={"path": ["x" * (event_batch.MAX_TEXT + 1)]}),
        tampered(more=1),
    ],
)
def test_what_is_no_batch_is_refused(data: bytes) -> None:
    with pytest.raises(BatchError, match="events"):
        decode(data)


def test_a_batch_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_batch, "MAX_BYTES", 64)
    with pytest.raises(BatchError, match="MAX_BYTES"):
        decode(encode(BATCH))
