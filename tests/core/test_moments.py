"""Parts of a profile's time, stacks through a function, lanes of threads, and two parts as one message."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core import wire
from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, Thread
from profiler.core.lanes import LANE_BY, MAX_CPU_LANES, MAX_LANES, Lane, LaneBy, lanes, lanes_of
from profiler.core.moments import Span, counted, during, through
from profiler.core.pair import pair_message
from profiler.core.profile import Profile
from profiler.core.quality import Quality
from profiler.core.select import UNTIMED, select, told_of_part
from profiler.core.times import NO_CPU, Times
from profiler.core.tree import Tree, build_tree
from tests.core.strategies import TIMED, build, timed

MS = 1_000_000
TWO = timed([("first", [0, 400 * MS, 990 * MS]), ("second", [1000 * MS, 1500 * MS])], duration_s=2)


def own(profile: Profile) -> dict[str, int]:
    return own_of(build_tree(profile, ()))


def test_one_part_is_what_select_gives() -> None:
    part, selected = during(TWO, [Span(400 * MS, 1500 * MS)]), select(TWO, 400 * MS, 1500 * MS)
    assert own(part) == own(selected) == {"first": 2, "second": 1}
    assert part.quality == selected.quality
    part.check()


def test_parts_are_added_and_where_they_overlap_a_sample_counts_once() -> None:
    spans = [Span(0, 500 * MS), Span(300 * MS, 600 * MS), Span(1400 * MS, 2000 * MS)]
    assert own(during(TWO, spans)) == {"first": 2, "second": 1}
    assert own(during(TWO, [])) == {}
    assert own(during(TWO, [Span(5, 5), Span(9, 2)])) == {}


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), max_size=6))
def test_parts_have_exactly_the_samples_of_their_times(drawn: list[tuple[int, int]]) -> None:
    spans = [Span(begin * MS, end * MS) for begin, end in drawn]
    inside = [any(span.from_ns <= at < span.to_ns for span in spans) for at in TWO.times.at_ns.tolist()]
    part = during(TWO, spans)
    assert part.total == sum(inside) == counted(TWO, spans).sum()
    assert part.times.at_ns.tolist() == [at for at, yes in zip(TWO.times.at_ns.tolist(), inside, strict=True) if yes]


def test_a_part_may_be_of_one_lane_and_all_of_a_lane_is_one_too() -> None:
    profile = on_cpus([0, 1, 0, 1, 0, 1])
    cpu_1 = Lane("cpu", "CPU 1")
    assert during(profile, [Span(lane=cpu_1)]).check().times.cpu.tolist() == [1, 1, 1]
    assert during(profile, [Span(0, 3 * MS, cpu_1)]).times.at_ns.tolist() == [MS]
    assert len(during(profile, [Span(lane=cpu_1), Span(lane=Lane("cpu", "CPU 0"))])) == len(profile)
    both = [Span(0, 3 * MS, cpu_1), Span(lane=cpu_1), Span(2 * MS, 4 * MS)]
    assert during(profile, both).times.at_ns.tolist() == [MS, 2 * MS, 3 * MS, 5 * MS], "where they overlap, once"


@given(TIMED)
def test_the_lanes_of_a_profile_are_all_of_its_samples_with_a_time(profile: Profile) -> None:
    for by in LANE_BY:
        names, _ = lanes_of(profile, by)
        parts = [counted(profile, [Span(lane=Lane(by, name))]) for name in names]
        assert sum(part.sum() for part in parts) == len(profile.times)
        assert during(profile, [Span(lane=Lane(by, name)) for name in names]).total == len(profile.times)


def test_two_lanes_are_compared_as_two_parts_are() -> None:
    message = pair_message(TWO, [Span(lane=Lane("cpu", "CPU 0"))], [Span(lane=Lane("cpu", "CPU 1"))], (), 1000)
    assert b'"name":"first","module":"","kind":1,"self":[1,1],"total":[1,1]' in message


@pytest.mark.parametrize("by", LANE_BY)
def test_a_lane_that_is_not_there_is_refused_by_name(by: LaneBy) -> None:
    with pytest.raises(ProfileError, match=f"no {by} 'gone 9' in this recording"):
        during(TWO, [Span(0, 5, Lane(by, "gone 9"))])


def test_stacks_through_a_function_have_it_anywhere() -> None:
    main, read, parse = Frame("main"), Frame("read"), Frame("parse")
    made = build(
        [([main, read], Thread(), 3), ([main, parse, read], Thread(), 2), ([parse], Thread(), 4), ([main], Thread(), 5)]
    )
    assert own(through(made, "read")) == {"read": 5}
    assert through(made, "main").total == 10
    assert through(made, "parse").total == 6
    assert through(made, "gone").total == 0
    assert through(build([]), "main").total == 0


def test_times_of_stacks_through_a_function_come_along() -> None:
    part = through(TWO, "second").check()
    assert part.times.at_ns.tolist() == [1000 * MS, 1500 * MS]


def of_threads(threads: int, samples: int) -> Profile:
    """Thread i was sampled i + 1 times as often as the first, in `samples` rounds of a millisecond."""
    made = build([([Frame("f")], Thread(7, 100 + i, "w"), (i + 1) * samples) for i in range(threads)])
    rows = np.concatenate([np.full((i + 1) * samples, i) for i in range(threads)]).astype(np.int32)
    at = np.concatenate([np.tile(np.arange(samples) * MS, i + 1) for i in range(threads)]).astype(np.int64)
    return replace(made, times=Times.sorted(at, rows)).check()


def test_each_thread_has_a_lane_the_busiest_first() -> None:
    made = lanes(of_threads(3, 10), "thread", 5, 10 * MS - 1)
    assert (made.names, made.others, made.column_ns) == (["w 102", "w 101", "w 100"], 0, 2 * MS)
    assert made.counts.tolist() == [[6] * 5, [4] * 5, [2] * 5]


def test_threads_of_a_process_are_one_lane() -> None:
    made = lanes(of_threads(3, 10), "process", 2, 10 * MS - 1)
    assert (made.names, made.counts.tolist()) == (["w 7"], [[30, 30]])


def test_beyond_a_screen_of_lanes_the_others_are_one() -> None:
    profile = of_threads(60, 1)
    made = lanes(profile, "thread", 1, 0)
    assert (len(made.names), len(made.counts), made.others) == (MAX_LANES - 1, MAX_LANES, 60 - MAX_LANES + 1)
    assert made.counts.sum() == profile.total


def on_cpus(cpus: list[int]) -> Profile:
    """One sample a millisecond, on these CPUs."""
    made = build([([Frame("f")], Thread(7, 7, "w"), len(cpus))])
    at = np.arange(len(cpus), dtype=np.int64) * MS
    return replace(made, times=Times.sorted(at, np.zeros(len(cpus), np.int64), np.array(cpus))).check()


def test_cpus_have_lanes_by_their_number_and_samples_of_none_that_is_known_one_of_their_own() -> None:
    made = lanes(on_cpus([10, 2, 2, NO_CPU, 10, 10]), "cpu", 2, 6 * MS - 1)
    assert (made.names, made.others) == (["CPU unknown", "CPU 2", "CPU 10"], 0)
    assert made.counts.tolist() == [[0, 1], [2, 0], [1, 2]]


def test_of_more_cpus_than_lanes_the_busiest_are_kept_by_their_number() -> None:
    made = lanes(on_cpus([*range(MAX_CPU_LANES + 5), 0, MAX_CPU_LANES + 4]), "cpu", 1, 0)
    assert (len(made.counts), made.others) == (MAX_CPU_LANES, 6)
    assert [made.names[0], made.names[-1]] == ["CPU 0", f"CPU {MAX_CPU_LANES + 4}"]
    assert made.counts.sum() == MAX_CPU_LANES + 7


def test_lanes_of_nothing_and_of_too_many_columns() -> None:
    assert lanes(build([]), "thread", 3, 0).counts.shape == (0, 3)
    assert lanes(build([]), "cpu", 3, 0).counts.shape == (0, 3)
    assert lanes(build([([Frame("f")], Thread(), 3)]), "thread", 3, 0).counts.shape == (0, 3)
    with pytest.raises(ProfileError, match="MAX_COLUMNS"):
        lanes(TWO, "thread", 5000, 0)


def test_two_parts_are_one_tree_with_the_values_of_both() -> None:
    message = pair_message(TWO, [Span(0, 1000 * MS)], [Span(990 * MS, 1600 * MS)], (), 1000)
    tree = wire.decode(message)
    assert own_of(tree) == {"first": 1, "second": 2}
    assert b'"name":"first","module":"","kind":1,"self":[3,1],"total":[3,1]' in message
    assert b'"name":"second","module":"","kind":1,"self":[0,2],"total":[0,2]' in message


def test_a_part_does_not_look_more_trustworthy_than_its_recording() -> None:
    recorded = replace(TWO, quality=Quality(5, {"ring full": 3}, {"end": 4, "no memory": 1}))
    message = pair_message(recorded, [Span(0, 1000 * MS)], [Span(990 * MS, 1600 * MS)], (), 1000)
    assert message.count(b'"lost":3') == 2  # both sides
    assert told_of_part(replace(recorded, times=Times.none())).skipped == {UNTIMED: 5}


def own_of(tree: Tree) -> dict[str, int]:
    found = Counter[str]()
    for frame, value in zip(tree.frame.tolist(), tree.self_value.tolist(), strict=True):
        found[tree.frames[frame].name] += value
    return dict(+found)


def test_two_parts_of_too_many_places_are_refused() -> None:
    with pytest.raises(ProfileError, match="3 different places in these parts, more than 2"):
        pair_message(TWO, [Span(0, 1000 * MS)], [Span(0, 2000 * MS)], (), 2)
