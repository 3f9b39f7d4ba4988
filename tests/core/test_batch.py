"""The batch is the trust boundary: what is whole comes back equal, everything else is refused with a reason."""

import contextlib
from typing import Any

import msgpack
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from profiler.core import batch
from profiler.core.errors import BatchError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from tests.core.strategies import PROFILES, build

ONE = build([([Frame("main"), Frame("read", FrameKind.KERNEL)], Thread(1, 2, "sh", "/user"), 3)], ProfileMeta(id="a"))


@given(PROFILES)
def test_round_trip(profile: Profile) -> None:
    back = batch.decode(batch.encode(profile))
    assert back.meta == profile.meta
    assert back.quality == profile.quality
    assert list(back.frames) == list(profile.frames)
    assert list(back.threads) == list(profile.threads)
    for column in ("node", "thread", "value"):
        assert (getattr(back, column) == getattr(profile, column)).all()
    assert (back.stacks.parent == profile.stacks.parent).all()
    assert (back.stacks.frame == profile.stacks.frame).all()


def test_a_batch_from_before_runtimes_and_hints_still_opens() -> None:
    message = msgpack.unpackb(zstandard.decompress(batch.encode(ONE)))
    del message["quality"]["runtimes"], message["quality"]["hints"]
    assert batch.decode(zstandard.compress(msgpack.packb(message))).quality == ONE.quality


@given(st.binary(max_size=300))
def test_junk_is_refused(data: bytes) -> None:
    with pytest.raises(BatchError):
        batch.decode(data)


@given(st.data())
def test_a_flipped_byte_is_refused_or_harmless(data: st.DataObject) -> None:
    whole = bytearray(batch.encode(ONE))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(BatchError):
        batch.decode(bytes(whole)).check()


def altered(**fields: Any) -> bytes:
    message = msgpack.unpackb(zstandard.decompress(batch.encode(ONE)))
    for path, value in fields.items():
        *parents, last = path.split("__")
        place = message
        for part in parents:
            place = place[part]
        place[last] = value
    return zstandard.compress(msgpack.packb(message))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (altered(schema=2), "schema"),
        (altered(surprise=1), "surprise"),
        (altered(node=b"\x07\0\0\0"), "samples.node: index 7"),
        (altered(thread=b"\xff\xff\xff\xff"), "samples.thread: index -1"),
        (altered(stack_parent=b"\x01\0\0\0\0\0\0\0"), "a node must come after its parent"),
        (altered(stack_frame=b"\x01\0\0\0"), "2 parents but 1 frames"),
        (altered(value=b"\0\0\0"), "buffer size"),
        (altered(meta__id="x" * 300), "meta.id"),
        (altered(quality__samples=-1), "quality.samples"),
        (altered(frames=[["main", 99, "", "", 0, "", 0]]), "frames.0.1"),
        (altered(frames=[["n" * (batch.MAX_NAME + 1), 1, "", "", 0, "", 0]]), "frames.0.0"),
    ],
)
def test_what_does_not_fit_is_named(data: bytes, says: str) -> None:
    with pytest.raises(BatchError, match=says):
        batch.decode(data)


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    bomb = zstandard.compress(bytes(batch.MAX_BYTES + 1))
    with pytest.raises(BatchError, match="MAX_BYTES"):
        batch.decode(bomb)


def test_a_bomb_that_hides_its_size_is_refused() -> None:
    stream = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    with pytest.raises(BatchError, match="does not say"):
        batch.decode(stream.compress(bytes(2**20)) + stream.flush())
