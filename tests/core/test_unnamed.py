"""Functions without a symbol are shown as one each, and nothing else changes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.frame import Frame, FrameKind, Thread, unnamed
from profiler.core.profile import Profile
from profiler.core.unnamed import one_per_function
from tests.core.strategies import FRAMES, THREADS, build

THREAD = Thread(1, 1, "app")


def inside(start: int, address: int) -> Frame:
    return Frame(unnamed("libx.so", start), FrameKind.NATIVE, "libx.so", "ab" * 20, address)


PLACES = st.builds(lambda start, into: inside(start * 16, start * 16 + into), st.integers(1, 4), st.integers(0, 15))
PROFILES = st.lists(
    st.tuples(st.lists(FRAMES | PLACES, min_size=1, max_size=6), THREADS, st.integers(0, 2**40)), max_size=25
).map(build)


def test_two_addresses_of_a_function_are_one_frame() -> None:
    main = Frame("main")
    shown = one_per_function(build([([main, inside(0x40, at)], THREAD, 5) for at in (0x41, 0x47)]))
    assert shown.frames == (main, inside(0x40, 0x40))
    assert len(shown.stacks) == 2


def by_name(profile: Profile) -> Counter[tuple[Thread, tuple[str, ...]]]:
    said: Counter[tuple[Thread, tuple[str, ...]]] = Counter()
    for node, thread, value in zip(profile.node, profile.thread, profile.value.tolist(), strict=True):
        names = tuple(profile.frames[number].name for number in profile.stacks.path(int(node)))
        said[profile.threads[thread], names] += value
    return said


@given(PROFILES)
def test_every_stack_has_the_names_and_samples_it_had(profile: Profile) -> None:
    assert by_name(one_per_function(profile)) == by_name(profile)


@given(PROFILES)
def test_a_function_has_one_frame_and_doing_it_twice_is_doing_it_once(profile: Profile) -> None:
    shown = one_per_function(profile)
    unnamed_ones = [frame.name for frame in shown.frames if frame.build_id]
    assert len(unnamed_ones) == len(set(unnamed_ones))
    assert one_per_function(shown) is shown


@given(PROFILES)
def test_quality_is_what_it_was(profile: Profile) -> None:
    assert one_per_function(profile).quality == profile.quality


@pytest.mark.parametrize(
    "name", ["libx.so+0xzz", "libx.so+0x", "libx.so+0x0", "libx.so+0x50", "libx.so+0x_4", "other+0x4"]
)
def test_a_name_that_only_looks_like_a_place_stays(name: str) -> None:
    profile = build([([Frame(name, module="libx.so", build_id="ab", offset=0x41)], THREAD, 1)])
    assert one_per_function(profile) is profile
