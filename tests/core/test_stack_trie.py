"""Sums by stack against the slow, obvious way: walking every stack."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.frame import Frame
from profiler.core.function_series import function_series
from profiler.core.identity import frame_hash, stack_hashes
from profiler.core.profile import Profile
from profiler.core.stack_trie import StackTrie, function_values
from tests.core.strategies import PROFILES


def hashes(profile: Profile) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    frames = np.array([frame_hash(frame) for frame in profile.frames], dtype=np.uint64)
    return frames[profile.stacks.frame]


def trie_of(profile: Profile) -> StackTrie:
    """Each node of the profile is a stack of the dictionary, under its own number."""
    return StackTrie.build(profile.stacks.parent, hashes(profile), np.arange(len(profile.stacks)))


def paths(profile: Profile) -> list[tuple[list[Frame], int]]:
    return [
        ([profile.frames[frame] for frame in profile.stacks.path(int(node))], int(value))
        for node, value in zip(profile.node, profile.value, strict=True)
    ]


@given(PROFILES)
def test_equal_stacks_have_equal_numbers_and_others_have_not(profile: Profile) -> None:
    numbers = stack_hashes(profile.stacks.parent, hashes(profile)).tolist()
    stacks = [tuple(profile.frames[frame] for frame in profile.stacks.path(node)) for node in range(len(numbers))]
    assert len(set(numbers)) == len(set(stacks))


@given(PROFILES, PROFILES)
def test_a_stack_has_the_same_number_in_every_profile(a: Profile, b: Profile) -> None:
    def numbered(profile: Profile) -> dict[tuple[Frame, ...], int]:
        numbers = stack_hashes(profile.stacks.parent, hashes(profile)).tolist()
        return {tuple(profile.frames[f] for f in profile.stacks.path(n)): number for n, number in enumerate(numbers)}

    ours, theirs = numbered(a), numbered(b)
    assert {path: ours[path] for path in ours.keys() & theirs} == {path: theirs[path] for path in ours.keys() & theirs}


@given(PROFILES)
def test_the_total_of_a_node_is_what_runs_through_it(profile: Profile) -> None:
    trie = trie_of(profile)
    totals = trie.totals(trie.own(profile.node, profile.value))
    expected: Counter[tuple[Frame, ...]] = Counter()
    for path, value in paths(profile):
        expected.update({tuple(path[:length]): value for length in range(1, len(path) + 1)})
    for node in range(len(profile.stacks)):
        stack = tuple(profile.frames[frame] for frame in profile.stacks.path(node))
        assert totals[trie.leaf[node]] == expected[stack]


@given(PROFILES)
def test_a_recursive_function_counts_once_in_a_stack(profile: Profile) -> None:
    trie = trie_of(profile)
    found = function_values(trie, trie.own(profile.node, profile.value))
    own: Counter[int] = Counter()
    total: Counter[int] = Counter()
    for path, value in paths(profile):
        own[frame_hash(path[-1])] += value
        total.update({frame_hash(frame): value for frame in set(path)})
    assert dict(zip(found.frame.tolist(), found.own.tolist(), strict=True)) == {f: own[f] for f in found.frame.tolist()}
    assert dict(zip(found.frame.tolist(), found.total.tolist(), strict=True)) == dict(total)


@given(PROFILES, st.integers(1, 4))
def test_all_buckets_at_once_are_the_buckets_one_by_one(profile: Profile, buckets: int) -> None:
    trie = trie_of(profile)
    chosen = np.arange(len(profile)) % buckets
    matrix = np.stack([trie.own(profile.node[chosen == b], profile.value[chosen == b]) for b in range(buckets)])
    together = function_values(trie, matrix)
    for bucket in range(buckets):
        alone = function_values(trie, matrix[bucket])
        assert together.total[bucket].tolist() == alone.total.tolist()
        assert together.own[bucket].tolist() == alone.own.tolist()


@given(PROFILES, st.integers(1, 4), st.integers(1, 9))
def test_every_functions_series_is_what_runs_through_it_in_each_bucket(
    profile: Profile, buckets: int, at_once: int
) -> None:
    trie = trie_of(profile)
    bucket = np.arange(len(profile)) % buckets
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("profiler.core.function_series.NODES_AT_ONCE", at_once)
        together = function_series(trie, profile.node, bucket, profile.value, buckets)
    assert together.own.shape == together.total.shape == (len(together.frame), buckets)
    for one in range(buckets):
        alone = function_values(trie, trie.own(profile.node[bucket == one], profile.value[bucket == one]))
        assert together.frame.tolist() == alone.frame.tolist()
        assert together.total[:, one].tolist() == alone.total.tolist()
        assert together.own[:, one].tolist() == alone.own.tolist()
