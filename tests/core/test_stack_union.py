"""Stacks that occur several times become one node, whatever numbers stand for them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core import stack_union
from profiler.core.profile import Stacks
from profiler.core.stack_union import joined
from profiler.core.trie import AnyInts

# A forest: each node's parent is one of those before it, or none.
FORESTS = st.lists(st.tuples(st.integers(-1, 10**6), st.integers(0, 3)), max_size=60).map(
    lambda rows: [(parent % (i + 1) - 1 if parent >= 0 else -1, frame) for i, (parent, frame) in enumerate(rows)]
)


def columns(forest: list[tuple[int, int]]) -> tuple[AnyInts, AnyInts]:
    return np.array([p for p, _ in forest], dtype=np.int64), np.array([f for _, f in forest], dtype=np.int64)


def check(forest: list[tuple[int, int]]) -> None:
    parent, frame = columns(forest)
    before = Stacks(parent.astype(np.int32), frame.astype(np.int32))
    stacks, node = joined(parent, frame)
    paths = [tuple(stacks.path(i)) for i in range(len(stacks))]
    assert [paths[i] for i in node.tolist()] == [tuple(before.path(i)) for i in range(len(before))]
    assert len(set(paths)) == len(paths), "each stack is there once"
    assert (stacks.parent < np.arange(len(stacks))).all()
    assert list(dict.fromkeys(node.tolist())) == list(range(len(paths))), "in the order in which they come first"


@given(FORESTS)
def test_each_stack_is_one_node(forest: list[tuple[int, int]]) -> None:
    check(forest)


def test_a_deep_recursion_is_as_deep_as_it_was() -> None:
    check([(i - 1, 7) for i in range(300)] + [(299, 8), (-1, 7), (301, 7)])


def test_numbers_that_are_the_same_by_chance_do_not_join_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []

    def bad_at_first(parent: AnyInts, frame: AnyInts, seed: int) -> object:
        seeds.append(seed)
        return np.zeros(len(parent), dtype=np.uint64) if seed == 0 else original(parent, frame, seed)

    original = stack_union._numbers
    monkeypatch.setattr(stack_union, "_numbers", bad_at_first)
    check([(-1, 1), (0, 2), (-1, 2)])
    assert seeds == [0, 1]
