"""Merging adds up what profiles say; it never mixes kinds."""

import pytest
from hypothesis import given

from profiler.core.errors import ProfileError
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.tree import build_tree
from tests.core.strategies import PROFILES, build
from tests.core.test_tree import tree_paths


@given(PROFILES, PROFILES)
def test_a_merge_has_the_values_of_both_by_path(one: Profile, other: Profile) -> None:
    both = merge([one, other], ProfileMeta())
    assert tree_paths(build_tree(both)) == tree_paths(build_tree(one)) + tree_paths(build_tree(other))
    assert both.quality.samples == one.quality.samples + other.quality.samples


@given(PROFILES, PROFILES)
def test_the_order_of_profiles_does_not_show(one: Profile, other: Profile) -> None:
    forward, back = merge([one, other], ProfileMeta()), merge([other, one], ProfileMeta())
    assert tree_paths(build_tree(forward)) == tree_paths(build_tree(back))


@given(PROFILES)
def test_a_profile_merged_with_itself_shares_its_stacks(profile: Profile) -> None:
    both = merge([profile, profile], ProfileMeta())
    assert len(both.stacks) == len(profile.stacks)
    assert both.total == 2 * profile.total


def test_kinds_that_differ_are_refused_by_name() -> None:
    bytes_profile = build([], ProfileMeta(kind="heap", unit="bytes", id="p7"))
    with pytest.raises(ProfileError, match="profile p7: heap in bytes can't be added to cpu in samples"):
        merge([bytes_profile], ProfileMeta())
