"""Laws of profiles: whatever is added up in whatever order, nothing is lost and tries stay tries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.core.builder import ProfileBuilder
from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, Thread
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta, Stacks
from profiler.core.quality import Quality
from profiler.core.textart import parse, render
from profiler.core.tree import build_tree
from tests.core.strategies import FRAMES, PROFILES, SAMPLES, THREADS, build

META = ProfileMeta()
COUNTS = st.dictionaries(st.sampled_from(["map full", "ring full"]), st.integers(1, 10**6))
QUALITIES = st.builds(
    Quality, st.integers(0, 10**9), COUNTS, COUNTS, COUNTS, COUNTS, st.integers(0, 10**9), st.integers(0, 10**9)
)


def said(profile: Profile) -> Counter[tuple[Thread, tuple[Frame, ...]]]:
    """What a profile says, without the order of its columns."""
    found: Counter[tuple[Thread, tuple[Frame, ...]]] = Counter()
    for node, thread, value in zip(profile.node, profile.thread, profile.value.tolist(), strict=True):
        path = tuple(profile.frames[frame] for frame in profile.stacks.path(int(node)))
        found[profile.threads[thread], path] += value
    return found


@settings(deadline=None)
@given(PROFILES, PROFILES)
def test_merging_commutes_in_what_it_says(one: Profile, other: Profile) -> None:
    forward, back = merge([one, other], META), merge([other, one], META)
    assert said(forward) == said(back)
    assert forward.quality == back.quality


@settings(deadline=None)
@given(PROFILES, PROFILES, PROFILES)
def test_merging_in_steps_is_merging_at_once(a: Profile, b: Profile, c: Profile) -> None:
    assert said(merge([merge([a, b], META), c], META)) == said(merge([a, b, c], META))
    assert said(merge([a, merge([b, c], META)], META)) == said(merge([a, b, c], META))


@settings(deadline=None)
@given(PROFILES)
def test_nothing_is_the_neutral_element(profile: Profile) -> None:
    empty = merge([], META)
    assert said(merge([profile, empty], META)) == said(merge([profile], META)) == said(profile)


@settings(deadline=None)
@given(st.lists(PROFILES, max_size=4))
def test_the_sum_of_values_is_preserved(profiles: Sequence[Profile]) -> None:
    assert merge(profiles, META).total == sum(profile.total for profile in profiles)


@settings(deadline=None)
@given(SAMPLES)
def test_a_built_profile_says_exactly_its_samples(samples: list[tuple[list[Frame], Thread, int]]) -> None:
    expected: Counter[tuple[Thread, tuple[Frame, ...]]] = Counter()
    for frames, thread, value in samples:
        expected[thread, tuple(frames)] += value
    assert said(build(samples)) == expected


@settings(deadline=None)
@given(PROFILES)
def test_a_trie_has_each_stack_once_and_parents_first(profile: Profile) -> None:
    stacks = profile.stacks
    assert np.all(stacks.parent < np.arange(len(stacks)))
    assert np.all(stacks.parent >= -1)
    paths = [tuple(stacks.path(node)) for node in range(len(stacks))]
    assert len(set(paths)) == len(paths)
    assert all(path[:-1] in paths for path in paths if len(path) > 1)


@settings(deadline=None)
@given(PROFILES)
def test_interned_tables_and_samples_have_no_doubles(profile: Profile) -> None:
    assert len(set(profile.frames)) == len(profile.frames)
    assert len(set(profile.threads)) == len(profile.threads)
    assert len(set(zip(profile.node.tolist(), profile.thread.tolist(), strict=True))) == len(profile)


@settings(deadline=None)
@given(QUALITIES, QUALITIES, QUALITIES)
def test_qualities_add_up_in_any_order_and_survive_as_dictionaries(a: Quality, b: Quality, c: Quality) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Quality() == a
    assert Quality.from_dict(a.to_dict()) == a
    assert (a + b).lost_total == a.lost_total + b.lost_total


@settings(deadline=None)
@given(st.lists(FRAMES, min_size=1, max_size=6), THREADS)
def test_adding_to_one_stack_twice_is_adding_the_sum_once(frames: list[Frame], thread: Thread) -> None:
    assert said(build([(frames, thread, 3), (frames, thread, 4)])) == said(build([(frames, thread, 7)]))


def test_a_merge_that_can_be_seen() -> None:
    one = parse("web 1/2\n  main\n    work 3\n")
    other = parse("web 1/2\n  main 1\n    work 4\nsh 3/3\n  main 2\n")
    assert render(merge([one, other], META)) == "web 1/2\n  main 1\n    work 7\nsh 3/3\n  main 2\n"


def test_a_stack_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="a stack needs at least one frame"):
        ProfileBuilder(META).stack([])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"node": np.array([0, 9], dtype=np.int32)}, "samples.node: index 9 is outside 0..1"),
        ({"thread": np.array([0, -1], dtype=np.int32)}, "samples.thread: index -1 is outside 0..0"),
        ({"value": np.array([1], dtype=np.int64)}, "columns node, thread, value differ in length: 2, 2, 1"),
        ({"stacks": Stacks(np.array([-1, 1], np.int32), np.array([0, 1], np.int32))}, "must come after its parent"),
        ({"stacks": Stacks(np.array([-1, -2], np.int32), np.array([0, 1], np.int32))}, "a root's parent is -1"),
        ({"stacks": Stacks(np.array([-1, 0], np.int32), np.array([0, 7], np.int32))}, "stacks.frame: index 7"),
        ({"stacks": Stacks(np.array([-1, 0], np.int32), np.array([0], np.int32))}, "2 parents but 1 frames"),
    ],
)
def test_columns_that_do_not_fit_are_named(damage: dict[str, Any], message: str) -> None:
    profile = parse("a\n  f 1\n    g 2\n")
    with pytest.raises(ProfileError, match=message):
        replace(profile, **damage).check()


def test_a_value_may_be_as_large_as_a_value_can_be_and_a_sum_no_larger() -> None:
    profile = parse("a\n  f 1\n    g 2\n")
    most = 2**63 - 1
    kept = replace(profile, value=np.array([most, 0], dtype=np.int64)).check()
    assert build_tree(kept).total[0] == most
    with pytest.raises(ProfileError, match=r"all add up to MAX_TOTAL \(9223372036854775808\) or more"):
        replace(profile, value=np.array([most, 1], dtype=np.int64)).check()
