"""An overview is the whole tree without what nobody could see, each frame where it was.

`tests/golden/part` has trees and parts of them; tests/js/part.test.js makes the same parts of the same trees.
`WEBPROF_UPDATE_GOLDEN=1 pytest tests/core/test_overview.py` writes them anew.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from profiler.core import wire
from profiler.core.frame import Frame, Thread
from profiler.core.overview import encode_overview, encode_part
from profiler.core.profile import Profile
from profiler.core.prune import prune
from profiler.core.tree import Tree, build_tree
from tests.core.strategies import PROFILES, build

MAIN = Frame("main")


def left_edges(tree: Tree) -> list[int]:
    """Children follow each other from their caller's left edge."""
    starts: list[int] = []
    at: dict[int, int] = {0: 0}
    for depth, total in zip(tree.depth.tolist(), tree.total.tolist(), strict=True):
        starts.append(at[depth])
        at[depth + 1] = at[depth]
        at[depth] += total
    return starts


def sections(message: bytes) -> dict[str, list[int]]:
    _, columns = wire._unpack(message)
    return {name: columns[name].astype(int).tolist() for name in ("place", "start")}


PIXELS = 5


def random_tree(seed: int) -> Tree:
    random = np.random.default_rng(seed)
    stacks = [[Frame(f"f{i}") for i in random.integers(0, 6, random.integers(1, 8))] for _ in range(40)]
    return build_tree(build([(stack, Thread(), int(random.integers(1, 50))) for stack in stacks]))


@given(PROFILES)
def test_a_small_tree_is_sent_whole(profile: Profile) -> None:
    tree = build_tree(profile)
    assert encode_overview(tree) == wire.encode(tree)


@pytest.mark.parametrize("seed", range(20))
def test_frames_keep_their_place_and_totals(seed: int) -> None:
    tree = random_tree(seed)
    message = encode_part(tree, PIXELS)
    part, columns = wire.decode(message), sections(message)
    whole_starts = left_edges(tree)
    assert 0 < len(part) < len(tree)
    assert columns["start"] == [whole_starts[place] for place in columns["place"]]
    assert part.total.tolist() == tree.total[columns["place"]].tolist()
    names = [tree.frames[tree.frame[place]].name for place in columns["place"]]
    assert [part.frames[frame].name for frame in part.frame.tolist()] == names


def test_what_is_left_out_is_counted() -> None:
    small = [([MAIN, Frame(f"s{i}")], Thread(), 1) for i in range(4)]
    part = wire.decode(encode_part(build_tree(build([([MAIN, Frame("big")], Thread(), 96), *small])), PIXELS))
    assert part.cuts.value.tolist() == [4]
    assert part.cuts.count.tolist() == [4]


# The second lacks nodes itself: what a part leaves out is counted beside what was not there.
GOLDEN = {"whole": random_tree(1), "cut": prune(random_tree(2), 60)}
FOLDER = Path(__file__).parents[1] / "golden" / "part"


@pytest.mark.parametrize("name", GOLDEN)
def test_the_parts_are_the_golden_files(name: str) -> None:
    messages = {f"{name}.wpt": wire.encode(GOLDEN[name]), f"{name}.part.wpt": encode_part(GOLDEN[name], PIXELS)}
    for file, message in messages.items():
        if os.environ.get("WEBPROF_UPDATE_GOLDEN") == "1":
            (FOLDER / file).write_bytes(message)
        assert (FOLDER / file).read_bytes() == message
