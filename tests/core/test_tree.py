"""A tree says exactly what the profile's samples say, in an order that does not depend on theirs."""

from collections import Counter

import numpy as np
from hypothesis import given

from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.grouping import GroupBy
from profiler.core.profile import Profile
from profiler.core.tree import Tree, build_tree
from tests.core.strategies import PROFILES, SAMPLES, build

Paths = Counter[tuple[str, ...]]


def naive_paths(profile: Profile, group: tuple[GroupBy, ...]) -> Paths:
    """Own value by path of names, one sample at a time: the slow and obvious way."""
    paths: Paths = Counter()
    for node, thread, value in zip(profile.node, profile.thread, profile.value, strict=True):
        who = profile.threads[thread]
        labels = {
            "comm": who.comm,
            "pid": f"pid {who.pid}" if who.pid else "",
            "tid": f"tid {who.tid}" if who.tid else "",
        }
        heads = [labels[part] for part in group if labels[part]]
        paths["all", *heads, *(profile.frames[i].name for i in profile.stacks.path(node))] += int(value)
    return Counter({path: value for path, value in paths.items() if value})


def tree_paths(tree: Tree) -> Paths:
    paths: Paths = Counter()
    stack: list[str] = []
    for depth, frame, own in zip(tree.depth, tree.frame, tree.self_value, strict=True):
        stack[depth:] = [tree.frames[frame].name]
        paths[tuple(stack)] += int(own)
    return Counter({path: value for path, value in paths.items() if value})


@given(PROFILES)
def test_own_values_by_path_are_those_of_the_samples(profile: Profile) -> None:
    groups: list[tuple[GroupBy, ...]] = [(), ("comm",), ("comm", "pid", "tid"), ("tid",)]
    for group in groups:
        assert tree_paths(build_tree(profile, group)) == naive_paths(profile, group)


@given(PROFILES)
def test_a_total_is_own_value_and_the_childrens_totals(profile: Profile) -> None:
    tree = build_tree(profile)
    assert tree.total[0] == profile.total
    for i in range(len(tree)):
        inside = np.arange(i + 1, i + tree.size[i])
        children = inside[tree.depth[inside] == tree.depth[i] + 1]
        assert tree.total[i] == tree.self_value[i] + tree.total[children].sum()


@given(PROFILES)
def test_siblings_are_sorted_by_name_and_unique(profile: Profile) -> None:
    tree = build_tree(profile)
    for i in range(len(tree)):
        inside = np.arange(i + 1, i + tree.size[i])
        children = inside[tree.depth[inside] == tree.depth[i] + 1]
        frames = [tree.frames[f] for f in tree.frame[children]]
        assert frames == sorted(set(frames))


@given(SAMPLES)
def test_the_order_of_samples_does_not_show(samples: list[tuple[list[Frame], Thread, int]]) -> None:
    shuffled = sorted(samples, key=repr)
    one, other = build_tree(build(samples)), build_tree(build(shuffled))
    assert [one.frames[f] for f in one.frame] == [other.frames[f] for f in other.frame]
    assert (one.total == other.total).all()
    assert (one.depth == other.depth).all()


def test_an_empty_profile_is_a_root_worth_nothing() -> None:
    tree = build_tree(build([]))
    assert len(tree) == 1
    assert tree.total[0] == 0
    assert tree.frames[tree.frame[0]] == Frame("all", FrameKind.ROOT)


def test_a_stack_ten_thousand_deep_is_kept_whole() -> None:
    tree = build_tree(build([([Frame("f")] * 10_000, Thread(), 1)]))
    assert len(tree) == 10_001
    assert tree.depth.max() == 10_000


def test_the_same_name_from_user_and_kernel_stays_apart() -> None:
    samples = [([Frame("read")], Thread(), 1), ([Frame("read", FrameKind.KERNEL)], Thread(), 2)]
    assert sorted(build_tree(build(samples), ()).total.tolist()) == [1, 2, 3]
