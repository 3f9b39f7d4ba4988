"""The batch is the trust boundary: what is whole comes back equal, everything else is refused with a reason."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from profiler.core import batch, textart
from profiler.core.errors import BatchError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.groups import CgroupLabels
from profiler.core.profile import Profile, ProfileMeta
from tests.core.strategies import PROFILES, build

GOLDEN = Path(__file__).parents[1] / "golden" / "batch"
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


def test_a_batch_from_before_container_labels_says_what_it_said_then() -> None:
    """Written by the version before the field `cgroups`, and never again."""
    profile = batch.decode((GOLDEN / "schema-1.batch").read_bytes())
    assert textart.render(profile) == (GOLDEN / "schema-1.txt").read_text()
    assert profile.meta.host == "web-1"
    assert profile.quality.lost == {"ring full": 1}
    assert profile.cgroups == {}
    assert [profile.labels(thread) for thread in profile.threads] == [
        CgroupLabels(container="a" * 64, runtime="docker", unit=f"docker-{'a' * 64}.scope"),
        CgroupLabels(unit="cron.service"),
    ]


def test_container_labels_come_back_as_they_were() -> None:
    labels = {
        "/docker/a": CgroupLabels("a" * 64, "web", "nginx:1.27", "docker", ""),
        "/ü": CgroupLabels(unit="ü.service"),
    }
    assert batch.decode(batch.encode(replace(ONE, cgroups=labels))).cgroups == labels


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
        (altered(cgroups=["/a"]), "cgroups"),
        (altered(cgroups={"/a": ["id", "name", "image", "runtime"]}), "cgroups./a"),
        (altered(cgroups={"/a": ["x" * 257, "", "", "", ""]}), "cgroups./a.0"),
        (altered(cgroups={"/a": ["", "", "x" * 513, "", ""]}), "cgroups./a.2"),
        (altered(cgroups={"/" + "x" * batch.MAX_CGROUP: [""] * 5}), "at most 4096"),
        (altered(cgroups={f"/{i}": [""] * 5 for i in range(batch.MAX_CGROUPS + 1)}), "at most 100000"),
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
