"""What pruning leaves out is counted where it was cut, and totals stay true."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.profile import Profile
from profiler.core.prune import prune
from profiler.core.tree import build_tree
from tests.core.strategies import PROFILES


@given(PROFILES, st.integers(1, 40))
def test_nothing_is_lost(profile: Profile, limit: int) -> None:
    tree = build_tree(profile)
    pruned = prune(tree, limit)
    assert len(pruned) <= max(1, limit)
    assert len(pruned) + pruned.cuts.count.sum() == len(tree)
    assert pruned.self_value.sum() + pruned.cuts.value.sum() == profile.total


@given(PROFILES, st.integers(1, 40))
def test_totals_are_own_values_children_and_cuts(profile: Profile, limit: int) -> None:
    pruned = prune(build_tree(profile), limit)
    hidden = np.zeros(len(pruned), dtype=np.int64)
    hidden[pruned.cuts.node] = pruned.cuts.value
    for i in range(len(pruned)):
        inside = slice(i, i + int(pruned.size[i]))
        assert pruned.total[i] == pruned.self_value[inside].sum() + hidden[inside].sum()


@given(PROFILES, st.integers(1, 40), st.integers(1, 40))
def test_pruning_again_adds_to_the_cuts(profile: Profile, first: int, second: int) -> None:
    tree = build_tree(profile)
    twice = prune(prune(tree, first), second)
    assert len(twice) + twice.cuts.count.sum() == len(tree)
    assert twice.total[0] == profile.total


@given(PROFILES, st.integers(1, 40))
def test_no_kept_node_is_smaller_than_a_cut_one(profile: Profile, limit: int) -> None:
    tree = build_tree(profile)
    pruned = prune(tree, limit)
    if len(pruned) > 1:
        kept = np.sort(pruned.total)[::-1]
        assert (kept == np.sort(tree.total)[::-1][: len(kept)]).all()
