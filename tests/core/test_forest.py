"""Trees of merged sums are those of the merged profile, and what is cut is told."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.forest import Nodes, Part, tree, unite
from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import Hashes, frame_hash
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.tree import Tree, build_tree
from profiler.core.wire import decode, encode
from tests.core.strategies import PROFILES
from tests.core.test_stack_trie import trie_of

META = ProfileMeta()
SEVERAL = st.lists(PROFILES, min_size=1, max_size=4)
EVERYTHING = 10**6


def part(profile: Profile, *heads: str) -> Part:
    trie = trie_of(profile)
    return Part.of(trie, trie.own(profile.node, profile.value), heads)


def lookup_in(profiles: Sequence[Profile], *heads: str) -> "dict[int, Frame]":
    frames = {frame for profile in profiles for frame in profile.frames}
    frames |= {Frame(head, FrameKind.PROCESS) for head in heads}
    return {frame_hash(frame): frame for frame in frames}


def drawn(nodes: Nodes, known: "dict[int, Frame]", max_nodes: int = EVERYTHING, side: int = 0) -> Tree:
    def lookup(frames: Hashes) -> list[Frame]:
        return [known[number] for number in frames.tolist()]

    return tree(nodes, lookup, META, max_nodes, side)


def rows(drawn: Tree) -> list[tuple[int, Frame, int, int]]:
    """Nodes with a value: a profile may hold stacks that were never sampled."""
    columns = zip(
        drawn.depth.tolist(), drawn.frame.tolist(), drawn.self_value.tolist(), drawn.total.tolist(), strict=True
    )
    return [(d, drawn.frames[f], own, total) for d, f, own, total in columns if total or not d]


@given(SEVERAL)
def test_the_tree_of_a_forest_is_the_tree_of_the_merged_profile(profiles: list[Profile]) -> None:
    united = unite([part(profile) for profile in profiles])
    assert rows(drawn(united, lookup_in(profiles))) == rows(build_tree(merge(profiles, META), ()))


@given(SEVERAL)
def test_parts_stand_below_their_heads(profiles: list[Profile]) -> None:
    names = [f"host-{i % 2}" for i in range(len(profiles))]
    united = unite([part(profile, name) for profile, name in zip(profiles, names, strict=True)])
    shown = rows(drawn(united, lookup_in(profiles, *names)))
    for name in set(names):
        below = [profile for profile, its in zip(profiles, names, strict=True) if its == name]
        total = sum(profile.total for profile in below)
        assert [row for row in shown if row[0] == 1 and row[1].name == name] == (
            [(1, Frame(name, FrameKind.PROCESS), 0, total)] if total else []
        )
    assert shown[0][3] == sum(profile.total for profile in profiles)


@given(SEVERAL, st.integers(1, 12))
def test_what_is_cut_is_told_and_totals_stay(profiles: list[Profile], max_nodes: int) -> None:
    united = unite([part(profile) for profile in profiles])
    known = lookup_in(profiles)
    whole, small = drawn(united, known), drawn(united, known, max_nodes)
    assert len(small) <= max_nodes + 1
    assert small.total[0] == whole.total[0]
    assert len(small) + small.cuts.count.sum() == len(whole)
    assert small.self_value.sum() + small.cuts.value.sum() == whole.total[0]


@given(SEVERAL, st.integers(1, 12))
def test_a_forest_that_is_not_made_whole_shows_exact_values(profiles: list[Profile], max_nodes: int) -> None:
    parts = [part(profile, "web") if number == 1 else part(profile) for number, profile in enumerate(profiles)]
    known = lookup_in(profiles, "web")
    whole = drawn(unite(parts), known)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("profiler.core.forest.LARGE_FOREST", 0)
        small = drawn(unite(parts, max_nodes), known, max_nodes)
    right = dict(zip(paths(whole), zip(whole.self_value.tolist(), whole.total.tolist(), strict=True), strict=True))
    shown = dict(zip(paths(small), zip(small.self_value.tolist(), small.total.tolist(), strict=True), strict=True))
    assert shown.items() <= right.items()
    assert small.self_value.sum() + small.cuts.value.sum() == whole.total[0]
    assert len(small) + small.cuts.count.sum() >= len(whole)
    assert len(small) <= max_nodes + 1


def paths(drawn: Tree) -> list[tuple[Frame, ...]]:
    found: list[tuple[Frame, ...]] = []
    path: list[Frame] = []
    for depth, frame in zip(drawn.depth.tolist(), drawn.frame.tolist(), strict=True):
        path[depth:] = [drawn.frames[frame]]
        found.append(tuple(path))
    return found


@given(PROFILES, PROFILES)
def test_two_sides_stand_node_by_node_beside_each_other(a: Profile, b: Profile) -> None:
    nothing = [np.zeros(len(profile.stacks), dtype=np.int64) for profile in (a, b)]
    ours, theirs = part(a), part(b)
    both = unite(
        [
            ours.having(np.stack([ours.own[0], nothing[0]])),
            theirs.having(np.stack([nothing[1], theirs.own[0]])),
        ]
    )
    known = lookup_in([a, b])
    assert rows(drawn(both, known, side=0)) == rows(drawn(unite([ours]), known))
    assert rows(drawn(both, known, side=1)) == rows(drawn(unite([theirs]), known))


def test_no_parts_are_a_root_of_nothing() -> None:
    assert rows(drawn(unite([]), {})) == [(0, Frame("all", FrameKind.ROOT), 0, 0)]


def test_of_sums_nobody_says_that_nothing_was_lost() -> None:
    shown = drawn(unite([]), {})
    assert shown.quality is None
    assert decode(encode(shown)).quality is None
