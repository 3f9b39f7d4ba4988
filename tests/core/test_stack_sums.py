"""A profile's sums apart are those of its parts, each with no stack more than it needs."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.frame import Frame
from profiler.core.identity import frame_hash, stack_hashes
from profiler.core.profile import Profile
from profiler.core.stack_sums import StackSums, stack_sums, sums_apart
from tests.core.strategies import PROFILES

Path = tuple[Frame, ...]


def path(sums: StackSums, node: int) -> Path:
    found = []
    while node >= 0:
        found.append(sums.frames[sums.frame[node]])
        node = int(sums.parent[node])
    return tuple(reversed(found))


def values(sums: StackSums) -> Counter[Path]:
    return Counter(
        {path(sums, node): value for node, value in zip(sums.node.tolist(), sums.value.tolist(), strict=True)}
    )


def slow(profile: Profile, rows: list[int]) -> Counter[Path]:
    found: Counter[Path] = Counter()
    for row in rows:
        path_of = profile.stacks.path(int(profile.node[row]))
        found[tuple(profile.frames[frame] for frame in path_of)] += int(profile.value[row])
    return Counter({stack: value for stack, value in found.items() if value})


@given(PROFILES, st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_each_part_has_the_values_of_its_samples(profile: Profile, parts: list[int]) -> None:
    part = np.resize(np.array(parts), len(profile))
    found = sums_apart(profile, part, 4)
    for number, sums in enumerate(found):
        assert values(sums) == slow(profile, np.flatnonzero(part == number).tolist())
    timed = Counter(part[profile.times.row].tolist())
    assert all(len(sums.times) <= timed[number] for number, sums in enumerate(found))


@given(PROFILES)
def test_nothing_is_in_it_that_no_stack_needs_and_numbers_are_those_of_its_content(profile: Profile) -> None:
    sums = stack_sums(profile)
    needed = set(sums.node.tolist())
    for node in range(len(sums.parent) - 1, -1, -1):
        assert sums.parent[node] < node
        if node in needed:
            needed.add(int(sums.parent[node]))
    assert needed - {-1} == set(range(len(sums.parent)))
    assert set(sums.frame.tolist()) == set(range(len(sums.frames)))
    hashes = np.array([frame_hash(frame) for frame in sums.frames], dtype=np.uint64)
    assert sums.numbers is not None
    assert sums.numbers[0].tolist() == hashes.tolist()
    assert sums.numbers[1].tolist() == stack_hashes(sums.parent, hashes[sums.frame])[sums.node].tolist()
