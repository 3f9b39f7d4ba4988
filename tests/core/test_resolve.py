"""Laws of resolving: names change, what was measured does not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.core import batch
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.resolve import MAX_UNRESOLVED_MODULES, Lookup, is_unresolved, resolve, unresolved_modules
from profiler.core.tree import build_tree
from tests.core.strategies import FRAMES, THREADS, build

IDS = ("aa" * 20, "bb" * 20)


def address(build_id: str, offset: int) -> Frame:
    module = f"lib{build_id[0]}.so"
    return Frame(f"{module}+{offset:#x}", FrameKind.NATIVE, module, build_id, offset)


ADDRESSES = st.builds(address, st.sampled_from(IDS), st.integers(1, 9))
SAMPLES = st.lists(
    st.tuples(st.lists(FRAMES | ADDRESSES, min_size=1, max_size=6), THREADS, st.integers(0, 2**40)), max_size=25
)
PROFILES = SAMPLES.map(build)
NAMES = st.lists(st.sampled_from(["main", "work", "parse<T>"]), max_size=3)
TABLES = st.dictionaries(st.tuples(st.sampled_from(IDS), st.integers(1, 9)), NAMES, max_size=12)
Table = Mapping[tuple[str, int], Sequence[str]]


def lookup(table: Table) -> Lookup:
    """The first name is the function's, the others were inlined into it."""

    def frames(build_id: str, offset: int) -> list[Frame]:
        kinds = [FrameKind.NATIVE, FrameKind.INLINED, FrameKind.INLINED]
        names = table.get((build_id, offset), ())
        return [Frame(name, kind, f"lib{build_id[0]}.so", build_id) for name, kind in zip(names, kinds, strict=False)]

    return frames


def by_thread_and_names(profile: Profile, table: Table) -> Counter[tuple[Thread, tuple[Frame, ...]]]:
    """What the profile says when every address is read through the table: the law in its plainest form."""
    said: Counter[tuple[Thread, tuple[Frame, ...]]] = Counter()
    find = lookup(table)
    for node, thread, value in zip(profile.node, profile.thread, profile.value.tolist(), strict=True):
        path: list[Frame] = []
        for number in profile.stacks.path(int(node)):
            frame = profile.frames[number]
            path += (find(frame.build_id, frame.offset) if is_unresolved(frame) else []) or [frame]
        said[profile.threads[thread], tuple(path)] += value
    return said


@settings(deadline=None)
@given(PROFILES, TABLES)
def test_a_resolved_profile_says_the_same_about_the_named_stacks(profile: Profile, table: Table) -> None:
    assert by_thread_and_names(resolve(profile, lookup(table)), {}) == by_thread_and_names(profile, table)


@settings(deadline=None)
@given(PROFILES, TABLES)
def test_samples_keep_their_order_threads_and_values(profile: Profile, table: Table) -> None:
    named = resolve(profile, lookup(table))
    assert named.total == profile.total
    assert named.value.tolist() == profile.value.tolist()
    assert named.thread.tolist() == profile.thread.tolist()
    assert named.threads == profile.threads


@settings(deadline=None)
@given(PROFILES, TABLES)
def test_resolving_twice_is_resolving_once(profile: Profile, table: Table) -> None:
    once = resolve(profile, lookup(table))
    assert resolve(once, lookup(table)) is once


@settings(deadline=None)
@given(PROFILES, TABLES)
def test_a_resolved_profile_is_stored_and_drawn_like_any_other(profile: Profile, table: Table) -> None:
    named = resolve(profile, lookup(table))
    assert by_thread_and_names(batch.decode(batch.encode(named)), {}) == by_thread_and_names(named, {})
    assert int(build_tree(named).total[0]) == profile.total


@settings(deadline=None)
@given(PROFILES, TABLES)
def test_what_is_left_is_what_the_table_does_not_know(profile: Profile, table: Table) -> None:
    left = {frame for frame in profile.frames if is_unresolved(frame) and not table.get((frame.build_id, frame.offset))}
    named = resolve(profile, lookup(table))
    assert {frame for frame in named.frames if is_unresolved(frame)} == left
    assert {each.build_id for each in unresolved_modules(named)} == {frame.build_id for frame in left}


@settings(deadline=None)
@given(PROFILES)
def test_an_unresolved_module_counts_each_stack_once(profile: Profile) -> None:
    expected: Counter[str] = Counter()
    for node, value in zip(profile.node, profile.value.tolist(), strict=True):
        frames = {profile.frames[number] for number in profile.stacks.path(int(node))}
        expected.update(dict.fromkeys({frame.build_id for frame in frames if is_unresolved(frame)}, value))
    assert {each.build_id: each.value for each in unresolved_modules(profile) if each.value} == +expected


def stripped() -> Profile:
    """3 samples at two addresses of one function, 4 at one that nobody knows, 5 in a named caller of it."""
    builder = ProfileBuilder(ProfileMeta())
    a, b, c = (builder.frame(address(IDS[0], offset)) for offset in (0x10, 0x18, 0x99))
    main = builder.frame(Frame("main", module="app"))
    for stack, value in (((main, a), 1), ((main, b), 2), ((main, c), 4), ((main,), 5)):
        builder.add(builder.stack(stack), value)
    return builder.build(Quality(samples=12, unknown={"liba.so": 7, "other": 3}))


TABLE = {(IDS[0], 0x10): ["read", "fill"], (IDS[0], 0x18): ["read"]}


def test_a_resolved_profile_that_can_be_seen() -> None:
    named = resolve(stripped(), lookup(TABLE))
    paths = [";".join(named.frames[number].name for number in named.stacks.path(int(node))) for node in named.node]
    assert list(zip(paths, named.value.tolist(), strict=True)) == [
        ("main;read;fill", 1),
        ("main;read", 2),
        ("main;liba.so+0x99", 4),
        ("main", 5),
    ]


def test_a_name_that_was_found_is_no_longer_unknown() -> None:
    assert resolve(stripped(), lookup(TABLE)).quality == replace(stripped().quality, unknown={"liba.so": 4, "other": 3})
    assert resolve(stripped(), lookup(TABLE | {(IDS[0], 0x99): ["f"]})).quality.unknown == {"other": 3}


def test_modules_are_listed_by_how_much_they_hide() -> None:
    builder = ProfileBuilder(ProfileMeta())
    for offset, (build_id, value) in enumerate([(IDS[0], 2), (IDS[1], 3), (IDS[0], 4)], start=1):
        builder.add(builder.stack([builder.frame(address(build_id, offset))]), value)
    assert [(each.module, each.value) for each in unresolved_modules(builder.build())] == [
        ("liba.so", 6),
        ("libb.so", 3),
    ]


@pytest.mark.parametrize("frame", [Frame("f"), Frame("f", build_id="aa"), Frame("x+0x1", offset=1)])
def test_a_frame_without_address_or_build_id_can_not_be_resolved(frame: Frame) -> None:
    assert not is_unresolved(frame)


def test_a_profile_of_very_many_files_gets_an_index_of_the_first() -> None:
    builder = ProfileBuilder(ProfileMeta())
    for number in range(MAX_UNRESOLVED_MODULES + 5):
        builder.add(builder.stack([builder.frame(Frame("x+0x1", module="x", build_id=f"{number:040x}", offset=1))]), 1)
    assert len(unresolved_modules(builder.build())) == MAX_UNRESOLVED_MODULES
