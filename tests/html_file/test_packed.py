"""What is put into a file comes out of it."""

import gzip
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest

from profiler.core.frame import Frame, Thread
from profiler.core.overview import WHOLE_NODES
from profiler.core.prune import prune
from profiler.core.tree import Tree, build_tree
from profiler.core.wire import decode, encode, header
from profiler.errors import TooLargeError
from profiler.html_file import packed
from profiler.html_file.packed import pack
from tests.core.strategies import build

DIFF = Path(__file__).parents[1] / "golden" / "diff" / "changed.wpt"


def unpacked(text: str) -> bytes:
    return gzip.decompress(b64decode(text))


def tree(functions: int) -> Tree:
    return build_tree(build([([Frame("main"), Frame(f"f{i}")], Thread(), 1 + i % 3) for i in range(functions)]), ())


def test_a_small_tree_is_there_once_byte_for_byte() -> None:
    message = encode(tree(3))
    made = pack(message)
    assert (unpacked(made.first), made.whole, made.nodes, made.cut) == (message, "", 5, 0)


def test_a_large_tree_opens_with_what_can_be_seen() -> None:
    message = encode(tree(WHOLE_NODES))
    made = pack(message)
    assert unpacked(made.whole) == message
    assert len(decode(unpacked(made.first))) < len(decode(message))
    assert header(unpacked(made.first))["whole_nodes"] == made.nodes == WHOLE_NODES + 2


def test_a_file_says_how_much_was_left_out() -> None:
    made = pack(encode(prune(tree(300), 250)))
    assert made.cut > 0
    assert made.nodes + made.cut == 302


def test_two_sides_are_there_as_they_are() -> None:
    message = DIFF.read_bytes()
    assert unpacked(pack(message).first) == message
    assert pack(message).whole == ""


def test_the_same_profile_makes_the_same_text() -> None:
    assert pack(encode(tree(3))) == pack(encode(tree(3)))


def test_names_that_need_more_than_a_file_may_hold_are_refused_with_both_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_MESSAGE_BYTES", 2**20)
    made = tree(1)
    long = replace(made, frames=[made.frames[0]._replace(name="x" * 2**21), *made.frames[1:]])
    with pytest.raises(TooLargeError, match="3 MiB, more than the 1 MiB"):
        pack(encode(long))
