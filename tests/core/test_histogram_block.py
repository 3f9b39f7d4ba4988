"""Half a minute of batches as one block: a round trip, what is from before, and what is refused."""

from pathlib import Path

import msgpack
import pytest
import zstandard

from profiler.core.errors import BatchError
from profiler.core.histogram_batch import decode, decompressed, encode
from profiler.core.histogram_block import batches_of, pack
from tests.core.test_histogram_batch import BATCH
from tests.core.test_histogram_stacks import second

GOLDEN = Path(__file__).parents[1] / "golden" / "histogram"


def test_a_batch_and_a_block_from_before_examples_had_stacks_say_what_they_said_then() -> None:
    """Written by the version before the field `stacks`, and never again."""
    one = decode((GOLDEN / "before-stacks.batch").read_bytes())
    block = list(batches_of((GOLDEN / "before-stacks.block").read_bytes()))
    assert (one.host, one.probe, one.events, one.sums, one.stacks) == ("web-1", "block_latency", 5, (7500,), b"")
    assert [(example.tid, example.stack, example.no_stack) for example in one.exemplars] == [
        (8, None, ""),
        (9, None, ""),
    ]
    assert [batch.lost["table of rows full"] for batch in block] == [0, 1, 2]


def test_a_block_has_its_batches_in_their_order() -> None:
    seconds = [second(at) for at in range(5)]
    block = pack(decompressed(encode(one)) for one in seconds)
    assert [(one.start_ns, one.exemplars, one.stacks) for one in batches_of(block)] == [
        (one.start_ns, one.exemplars, one.stacks) for one in seconds
    ]


def test_what_seconds_have_in_common_takes_room_once() -> None:
    one = encode(second(0))
    assert len(pack([decompressed(one)] * 30)) < 2 * len(one)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        msgpack.packb({"a": 1}),
        msgpack.packb(["text"]),
        msgpack.packb([b"no batch"]),
        zstandard.compress(b"junk"),
        zstandard.compress(msgpack.packb([encode(BATCH)])),
        zstandard.compress(bytes(100 * 2**20)),
        pack([decompressed(encode(BATCH))])[:-3],
    ],
)
def test_what_is_no_block_is_refused(data: bytes) -> None:
    with pytest.raises(BatchError, match="histogram"):
        list(batches_of(data))
