"""The wire message: what goes in comes out, and damage is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.errors import WireError
from profiler.core.frame import Frame, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.prune import prune
from profiler.core.tree import build_tree
from profiler.core.wire import decode, encode
from tests.core.strategies import PROFILES, build


@given(PROFILES, st.integers(1, 30))
def test_round_trip(profile: Profile, limit: int) -> None:
    tree = prune(build_tree(profile), limit)
    back = decode(encode(tree))
    assert [back.frames[f] for f in back.frame] == [tree.frames[f] for f in tree.frame]
    for column in ("depth", "self_value", "total", "size"):
        assert (getattr(back, column) == getattr(tree, column)).all(), column
    assert back.quality == tree.quality


def test_the_header_carries_what_the_title_line_shows() -> None:
    meta = ProfileMeta(kind="cpu", id="x", host="web-1", probe="cpu", start_ns=5, duration_ns=7, period_ns=11)
    assert decode(encode(build_tree(build([], meta)))).meta == meta


def test_values_beyond_32_bits_survive() -> None:
    tree = build_tree(build([([Frame("f")], Thread(), 2**53 - 1)]))
    assert decode(encode(tree)).total[0] == 2**53 - 1


def test_each_section_starts_where_a_typed_array_may() -> None:
    message = encode(build_tree(build([([Frame("f")], Thread(comm="c"), 2**40)])))
    length = int.from_bytes(message[4:8], "little")
    assert len(message) % 8 == 0
    assert length < len(message)


def test_a_stack_deeper_than_the_column_is_refused_by_name() -> None:
    tree = build_tree(build([([Frame("f")] * 70_000, Thread(), 1)]))
    with pytest.raises(WireError, match="depth 70000 is over 65535"):
        encode(tree)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda m: b"", "does not begin"),
        (lambda m: b"JUNK" + m[4:], "does not begin"),
        (lambda m: m[:20], "damaged"),
        (lambda m: m[:-8], "damaged"),
        (lambda m: m.replace(b'"schema":1', b'"schema":9'), "schema 9; this reader knows 1"),
    ],
)
def test_damage_is_named(damage, says) -> None:  # type: ignore[no-untyped-def]
    message = encode(build_tree(build([([Frame("f")], Thread(comm="c"), 1)])))
    with pytest.raises(WireError, match=says):
        decode(damage(message))
