"""The trie of whole stacks holds exactly them, each beginning once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core import path_trie
from profiler.core.path_trie import FRAME, trie_of

frames = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def as_path(numbers: list[int]) -> bytes:
    return np.array(numbers, dtype=FRAME).tobytes()


@given(st.sets(frames.map(tuple), max_size=30), st.sampled_from([1, 2, 3, 7, 1024]))
def test_every_node_is_the_end_of_its_path(chosen: set[tuple[int, ...]], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path_trie, "BLOCK", block)
        stacks, node = trie_of([as_path(list(path)) for path in chosen])
    assert [tuple(stacks.path(end)) for end in node.tolist()] == list(chosen)
    assert len(stacks) == len({path[:length] for path in chosen for length in range(1, len(path) + 1)})
    assert (stacks.parent < np.arange(len(stacks))).all()


def test_of_no_stacks_there_is_no_node() -> None:
    stacks, node = trie_of([])
    assert (len(stacks), len(node)) == (0, 0)


def test_a_stack_that_begins_another_is_one_of_its_nodes() -> None:
    stacks, node = trie_of([as_path([1, 2, 300]), as_path([1, 2])])
    assert len(stacks) == 3
    assert stacks.parent[node[0]] == node[1]
