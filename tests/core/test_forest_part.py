"""A part of a forest: below a path nothing is hidden, and whole and cut stacks together are all."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.cut import WHICH, cut_frame
from profiler.core.forest import Part, head_frame, tree, unite
from profiler.core.forest_part import below, only, within
from profiler.core.frame import Frame
from profiler.core.identity import Hashes, frame_hash
from profiler.core.profile import ProfileMeta
from profiler.core.stack_trie import StackTrie
from tests.store.fleet import Stack, stacks_of

NAMES = ("a", "b", "c")
FRAMES = {frame_hash(Frame(name)): Frame(name) for name in NAMES} | {frame_hash(cut_frame("x")): cut_frame("x")}
stacks = st.dictionaries(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6).map(tuple), st.integers(1, 9))


def lookup(numbers: Hashes) -> list[Frame]:
    return [FRAMES[number] for number in numbers.tolist()]


def part(values: dict[Stack, int], heads: Sequence[str] = ()) -> Part:
    nodes: dict[tuple[int, str], int] = {}
    leaves = []
    for stack in values:
        node = -1
        for name in stack:
            node = nodes.setdefault((node, name), len(nodes))
        leaves.append(node)
    by_name = {frame.name: number for number, frame in FRAMES.items()}
    parent = np.array([above for above, _ in nodes], dtype=np.int64)
    frame = np.array([by_name[name] for _, name in nodes], dtype=np.uint64)
    trie = StackTrie.build(parent, frame, np.array(leaves))
    return Part.of(trie, trie.own(np.arange(len(leaves)), np.array(list(values.values()))), tuple(heads))


HEADS = {frame_hash(head_frame(name)): name for name in ("web", "db")}


def names(numbers: Hashes) -> list[Frame]:
    """Of frames and of heads."""
    return [FRAMES.get(number) or Frame(HEADS[number]) for number in numbers.tolist()]


@given(st.lists(stacks.filter(bool), min_size=1, max_size=3), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
def test_below_a_path_are_all_stacks_that_begin_with_it(made: list[dict[Stack, int]], path: list[str]) -> None:
    found = tree(below(unite([part(one) for one in made]), path, lookup), lookup, ProfileMeta(), 10_000)
    right: Counter[Stack] = Counter()
    for one in made:
        right.update({stack: value for stack, value in one.items() if stack[: len(path)] == tuple(path)})
    assert stacks_of(found) == right
    assert found.total[0] == right.total()
    assert not len(found.cuts.node), "nothing of what was asked for is hidden"


@given(st.lists(stacks.filter(bool), min_size=1, max_size=3), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
def test_the_same_of_parts_before_they_are_united(made: list[dict[Stack, int]], path: list[str]) -> None:
    parts = [part(one, ["web"] if number else []) for number, one in enumerate(made)]
    for where in (path, ["web"], ["web", *path]):
        ours = tree(unite(within(parts, where, names)), names, ProfileMeta(), 10_000)
        theirs = tree(below(unite(parts), where, names), names, ProfileMeta(), 10_000)
        assert stacks_of(ours) == stacks_of(theirs)


def test_what_a_small_tree_cuts_is_in_the_tree_of_the_path_there() -> None:
    wide = {("a", "b", *name): 1 for name in [tuple(f) for f in ("a", "b", "c", "ab", "ac", "cc", "ba")]} | {("c",): 99}
    nodes = unite([part(wide)])
    small = tree(nodes, lookup, ProfileMeta(), 4)
    assert small.cuts.value.sum() == 6
    found = tree(below(nodes, ["a", "b"], lookup), lookup, ProfileMeta(), 100)
    assert stacks_of(found) == Counter({stack: value for stack, value in wide.items() if stack[0] == "a"})


def test_a_path_that_leads_nowhere_is_empty_and_a_head_is_part_of_it() -> None:
    parts = [part({("a",): 1}, ["web"]), part({("a",): 2}, ["db"])]
    found = tree(below(unite(parts), ["web"], names), names, ProfileMeta(), 100)
    assert stacks_of(found) == Counter({("web", "a"): 1})
    assert stacks_of(tree(below(unite(parts), ["web", "b"], names), names, ProfileMeta(), 100)) == Counter()


def test_whole_and_cut_stacks_are_told_apart_by_their_root() -> None:
    cut = cut_frame("x").name
    one = part({("a", "b"): 3, (cut, "b"): 4, ("c",): 5})
    assert [only([one], which, lookup)[0].total for which in WHICH] == [12, 8, 4]
