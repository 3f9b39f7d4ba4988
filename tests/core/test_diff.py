"""What differs between two sides: nothing between equal ones, the same with the other sign when they are swapped."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.diff import Change, change, compare, function_sides, sums
from profiler.core.diff_wire import encode_pair
from profiler.core.forest import Nodes, tree_pair
from profiler.core.frame import Frame, Thread
from profiler.core.identity import Hashes, frame_hash
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.tree import Tree
from profiler.core.wire import decode
from tests.core.strategies import PROFILES, build
from tests.core.test_forest import lookup_in, part

META = ProfileMeta()
EVERYTHING = 10**6
Stack = tuple[str, ...]


def pair(base: Profile, other: Profile, max_nodes: int = EVERYTHING) -> tuple[Nodes, Tree, Tree]:
    nodes = compare([part(base)], [part(other)])
    known = lookup_in([base, other])

    def lookup(numbers: Hashes) -> list[Frame]:
        return [known[number] for number in numbers.tolist()]

    return nodes, *tree_pair(nodes, lookup, (META, META), max_nodes)


def changes(nodes: Nodes, unit: str = "samples") -> Change:
    return change(nodes.total, sums(nodes), unit)


def stacks(profile: Profile) -> Counter[tuple[Frame, ...]]:
    found: Counter[tuple[Frame, ...]] = Counter()
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        found[tuple(profile.frames[frame] for frame in profile.stacks.path(node))] += value
    return found


@given(PROFILES)
def test_a_profile_does_not_differ_from_itself(profile: Profile) -> None:
    found = changes(pair(profile, profile)[0])
    assert not found.absolute.any()
    assert not found.relative.any()
    assert (found.relative_floor >= 0).all()


@given(PROFILES, PROFILES)
def test_cpu_time_changes_beyond_chance_where_its_samples_do(base: Profile, other: Profile) -> None:
    counted = changes(pair(base, other)[0])
    period = 1_000
    nodes = compare([part(base).times(period)], [part(other).times(period)])
    timed = change(nodes.total, sums(nodes), "nanoseconds", (period, period))
    assert timed.absolute.tolist() == (counted.absolute * period).tolist()
    assert timed.absolute_floor == pytest.approx(counted.absolute_floor * period)
    assert timed.relative_floor == pytest.approx(counted.relative_floor)


@given(PROFILES, st.lists(st.booleans(), min_size=30, max_size=30), st.sampled_from([(), ("web",)]))
def test_two_parts_of_one_trie_are_as_those_of_two(
    profile: Profile, chosen: list[bool], heads: tuple[str, ...]
) -> None:
    one = part(profile, *heads)
    mine = np.resize(np.array(chosen), len(one.trie))
    base, other = (one.having(np.where(side, one.own, 0)) for side in (mine, ~mine))
    copied = replace(other, trie=replace(one.trie, parent=one.trie.parent.copy()))
    together, apart = (dict(by_stack(compare([base], [one]))) for one in (other, copied))
    assert together.keys() == apart.keys()
    for stack, values in together.items():
        assert values == pytest.approx(apart[stack])


@given(PROFILES, PROFILES)
def test_swapping_the_sides_turns_the_sign_and_nothing_else(base: Profile, other: Profile) -> None:
    there, back = (dict(by_stack(nodes)) for nodes in (pair(base, other)[0], pair(other, base)[0]))
    assert there.keys() == back.keys()
    for stack, (absolute, absolute_floor, relative, relative_floor) in there.items():
        assert back[stack] == pytest.approx((-absolute, absolute_floor, -relative, relative_floor))


def by_stack(nodes: Nodes) -> list[tuple[Stack, tuple[float, ...]]]:
    found = changes(nodes)
    columns = (found.absolute, found.absolute_floor, found.relative, found.relative_floor)
    paths: list[tuple[str, ...]] = []
    for parent, frame in zip(nodes.parent.tolist(), nodes.frame.tolist(), strict=True):
        paths.append((*(paths[parent] if parent >= 0 else ()), str(frame)))
    return list(zip(paths, zip(*(column.tolist() for column in columns), strict=True), strict=True))


@given(PROFILES, PROFILES, st.sampled_from([4, EVERYTHING]))
def test_both_sides_have_their_own_values_and_add_up(base: Profile, other: Profile, max_nodes: int) -> None:
    nodes, a, b = pair(base, other, max_nodes)
    assert (int(a.total[0]), int(b.total[0])) == (int(base.value.sum()), int(other.value.sum()))
    for tree in (a, b):
        cut = np.zeros(len(tree), dtype=np.int64)
        np.add.at(cut, tree.cuts.node, tree.cuts.value)
        running = np.r_[0, np.cumsum(tree.self_value + cut)]
        assert (tree.total == running[np.arange(len(tree)) + tree.size] - running[:-1]).all()
    assert (a.depth == b.depth).all()
    assert (a.frame == b.frame).all()
    assert (a.cuts.node == b.cuts.node).all()
    assert (changes(nodes).absolute == nodes.total[1] - nodes.total[0]).all()


@given(PROFILES, PROFILES)
def test_functions_of_both_sides_are_counted_as_in_each(base: Profile, other: Profile) -> None:
    nodes = pair(base, other)[0]
    found = function_sides(nodes, EVERYTHING)
    assert found.left_out == 0
    assert function_sides(nodes, 0).left_out == len(found.frame)
    for side, profile in enumerate((base, other)):
        own, total = Counter[int](), Counter[int]()
        for path, value in stacks(profile).items():
            own[frame_hash(path[-1])] += value
            total.update({frame_hash(frame): value for frame in set(path)})
        assert dict(zip(found.frame.tolist(), found.own[side].tolist(), strict=True)) == {
            frame: own[frame] for frame in found.frame.tolist()
        }
        assert +Counter(dict(zip(found.frame.tolist(), found.total[side].tolist(), strict=True))) == +total


@given(PROFILES, PROFILES)
def test_the_message_keeps_both_sides(base: Profile, other: Profile) -> None:
    nodes, a, b = pair(base, other)
    message = encode_pair(a, b, function_sides(nodes, 0), [])
    read = decode(message)
    assert read.total.tolist() == b.total.tolist()


def test_twice_as_many_samples_of_the_same_are_no_relative_change() -> None:
    once = build([([Frame("main"), Frame("a")], Thread(), 30), ([Frame("main")], Thread(), 70)])
    twice = build([([Frame("main"), Frame("a")], Thread(), 60), ([Frame("main")], Thread(), 140)])
    found = changes(pair(once, twice)[0])
    assert found.relative == pytest.approx([0, 0])
    assert found.absolute.tolist() == [100, 30]


def test_what_is_new_or_vanished_is_a_node_of_both() -> None:
    before = build([([Frame("main"), Frame("old")], Thread(), 40), ([Frame("main")], Thread(), 60)])
    after = build([([Frame("main"), Frame("new")], Thread(), 40), ([Frame("main")], Thread(), 60)])
    _, a, b = pair(before, after)
    shown = {
        a.frames[f].name: (x, y) for f, x, y in zip(a.frame.tolist(), a.total.tolist(), b.total.tolist(), strict=True)
    }
    assert shown == {"all": (100, 100), "main": (100, 100), "old": (40, 0), "new": (0, 40)}


def test_equal_workloads_seldom_rise_above_the_floor() -> None:
    """Of many frames with the same share on both sides, about 0.27 % may: at most 1 % do."""
    rng = np.random.default_rng(1)
    share = rng.dirichlet(np.ones(500))
    beyond = []
    for _ in range(40):
        values = np.stack([rng.multinomial(4000, share), rng.multinomial(9000, share)])
        found = change(values, values.sum(axis=1), "samples")
        beyond.append((np.abs(found.relative) > found.relative_floor).mean())
    assert 0 < np.mean(beyond) < 0.01


def test_three_points_more_at_two_thousand_samples_rise_above_it() -> None:
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(400):
        values = np.array([[rng.binomial(2000, 0.02)], [rng.binomial(2000, 0.05)]])
        one = change(values, np.array([2000, 2000]), "samples")
        found += int(one.relative[0] > one.relative_floor[0])
    assert found >= 380


@pytest.mark.parametrize("unit", ["nanoseconds", "bytes"])
def test_values_that_are_no_samples_have_no_floor(unit: str) -> None:
    found = change(np.array([[10], [20]]), np.array([100, 100]), unit)
    assert (found.relative_floor[0], found.absolute_floor[0]) == (0, 0)


def test_beside_an_empty_side_nothing_is_beyond_chance() -> None:
    found = change(np.array([[0], [20]]), np.array([0, 100]), "samples")
    assert found.relative[0] == pytest.approx(0.2)
    assert np.isinf(found.relative_floor[0])


def test_nothing_beside_nothing_is_an_empty_tree() -> None:
    nodes = compare([], [])
    base, other = tree_pair(nodes, lambda numbers: [], (META, META), EVERYTHING)
    functions = function_sides(nodes, 10)
    assert (len(base), len(other), len(functions.frame)) == (1, 1, 0)
    assert decode(encode_pair(base, other, functions, [])).total.tolist() == [0]
