"""Times of samples: of each row at most as many as it has samples, in order, the same however profiles are added up."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgpack
import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.core import batch, times
from profiler.core.annotate import annotate
from profiler.core.builder import TIMES_OVER_BOUND, ProfileBuilder
from profiler.core.errors import BatchError, ProfileError
from profiler.core.frame import Frame, Thread
from profiler.core.heatmap import MAX_CELLS, heatmap
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.select import UNTIMED, select
from profiler.core.textart import render
from profiler.core.times import MAX_CPUS, NO_CPU, RESOLUTION_NS, Times, no_cpus, tick_ns
from tests.core.strategies import TIMED, timed
from tests.core.test_batch import ONE, altered

GOLDEN = Path(__file__).parents[1] / "golden" / "batch"
MS = 1_000_000
BOUND = st.one_of(st.none(), st.integers(-(10**9), 5 * 10**9))


Moment = tuple[int, Thread, tuple[Frame, ...], int]


def moments(profile: Profile) -> Counter[Moment]:
    """When which stack of which thread was sampled, in Unix time, and on which CPU."""
    start = tick_ns(profile.meta.start_ns)
    found: Counter[Moment] = Counter()
    entries = (column.tolist() for column in (profile.times.at_ns, profile.times.row, profile.times.cpu))
    for at, row, cpu in zip(*entries, strict=True):
        path = tuple(profile.frames[frame] for frame in profile.stacks.path(int(profile.node[row])))
        found[start + at, profile.threads[profile.thread[row]], path, cpu] += 1
    return found


def untimed(profile: Profile) -> int:
    return int((profile.value - np.bincount(profile.times.row, minlength=len(profile))).sum())


@given(TIMED)
def test_times_of_a_row_and_its_samples_without_a_time_are_its_value(profile: Profile) -> None:
    of_row = np.bincount(profile.times.row, minlength=len(profile))
    assert (of_row <= profile.value).all()
    assert len(profile.times) + untimed(profile) == profile.total
    assert all(before <= after for before, after in pairwise(profile.times.at_ns.tolist()))


@settings(deadline=None)
@given(TIMED, TIMED, TIMED)
def test_times_are_the_same_in_whatever_order_profiles_are_merged(one: Profile, two: Profile, three: Profile) -> None:
    meta = ProfileMeta(start_ns=10**18)
    left = merge([merge([one, two], one.meta), three], meta)
    right = merge([three, merge([two, one], three.meta)], meta)
    assert moments(left) == moments(right) == moments(one) + moments(two) + moments(three)
    assert untimed(left) == untimed(one) + untimed(two) + untimed(three)


@given(TIMED, st.integers(1, 8))
def test_samples_that_weigh_more_have_their_time_as_often(profile: Profile, factor: int) -> None:
    weighted = profile.weighted(factor).check()
    assert moments(weighted) == Counter({moment: factor * count for moment, count in moments(profile).items()})
    assert untimed(weighted) == factor * untimed(profile)


@given(TIMED)
def test_a_batch_keeps_them(profile: Profile) -> None:
    back = batch.decode(batch.encode(profile))
    assert moments(back) == moments(profile)
    assert back.meta == profile.meta


@given(TIMED)
def test_marking_stacks_keeps_them(profile: Profile) -> None:
    marked = annotate(profile, delimiter=True, annotations=True)
    both = [sorted((at, cpu) for at, _, _, cpu in moments(each).elements()) for each in (marked, profile)]
    assert both[0] == both[1]


@given(TIMED, BOUND, BOUND)
def test_a_selection_has_exactly_the_samples_of_its_time(
    profile: Profile, from_ns: int | None, to_ns: int | None
) -> None:
    start = tick_ns(profile.meta.start_ns)
    chosen = select(profile, from_ns, to_ns).check()
    wanted = {
        moment: count
        for moment, count in moments(profile).items()
        if (from_ns is None or moment[0] - start >= from_ns) and (to_ns is None or moment[0] - start < to_ns)
    }
    assert moments(chosen) == wanted
    assert chosen.total == chosen.quality.samples == sum(wanted.values())
    assert untimed(chosen) == 0
    assert chosen.quality.skipped == ({UNTIMED: untimed(profile)} if untimed(profile) else {})


@given(TIMED, st.integers(0, 4 * 10**9))
def test_two_halves_of_a_profile_are_all_of_its_samples_with_a_time(profile: Profile, middle: int) -> None:
    halves = merge([select(profile, None, middle), select(profile, middle, None)], profile.meta)
    assert moments(halves) == moments(profile)


@given(TIMED, st.integers(1, 60))
def test_a_heat_map_counts_each_sample_with_a_time_once(profile: Profile, rows: int) -> None:
    counts = heatmap(profile, rows).counts
    assert counts.shape[0] == rows
    assert counts.sum() == len(profile.times)


def test_a_heat_map_has_seconds_from_left_to_right_and_their_parts_from_top_to_bottom() -> None:
    profile = timed([("a", [100 * MS, 1_100 * MS, 1_190 * MS, 2_999 * MS])], duration_s=4)
    assert heatmap(profile, rows=5).counts.tolist() == [
        [1, 2, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 1, 0],
    ]


@given(TIMED, st.integers(0, 4), st.integers(0, 9))
def test_a_cell_of_the_heat_map_is_the_selection_of_its_time(profile: Profile, column: int, row: int) -> None:
    counts = heatmap(profile, rows=10).counts
    from_ns = column * 10**9 + row * 10**8
    expected = counts[row, column] if column < counts.shape[1] else 0
    first = (column, row) == (0, 0)
    assert select(profile, None if first else from_ns, from_ns + 10**8).total == expected


@pytest.mark.parametrize("rows", [0, 1001])
def test_rows_of_a_heat_map_are_bounded(rows: int) -> None:
    with pytest.raises(ProfileError, match="MAX_ROWS"):
        heatmap(ONE, rows)


def test_cells_of_a_heat_map_are_bounded() -> None:
    long = replace(ONE, meta=replace(ONE.meta, duration_ns=10**9 * (MAX_CELLS // 50 + 1)))
    with pytest.raises(ProfileError, match="MAX_CELLS"):
        heatmap(long)


def test_what_is_over_the_bound_is_counted_and_its_samples_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "MAX_TIMES", 5)
    builder = ProfileBuilder(ProfileMeta())
    node = builder.stack([builder.frame(Frame("main"))])
    builder.add(node, 8, builder.thread(Thread()))
    builder.add_times(np.full(3, node), np.zeros(3, np.int32), np.arange(3))
    builder.add_times(np.full(5, node), np.zeros(5, np.int32), np.arange(5))
    profile = builder.build()
    assert (profile.total, len(profile.times)) == (8, 5)
    assert profile.quality.skipped == {TIMES_OVER_BOUND: 3}


def test_times_are_kept_on_one_grid() -> None:
    profile = timed([("a", [RESOLUTION_NS - 1, RESOLUTION_NS])])
    assert profile.times.at_ns.tolist() == [0, RESOLUTION_NS]


@pytest.mark.parametrize(
    ("at", "row", "unit", "says"),
    [
        ([0], [1], "samples", r"times.row: 1..1 is not within 0..0"),
        ([0], [-1], "samples", r"times.row: -1..-1"),
        ([5, 4], [0, 0], "samples", "not in the order of time"),
        ([0, 0, 0, 0], [0, 0, 0, 0], "samples", r"row 0 has more of them than samples \(3\)"),
        ([0, 1], [0], "samples", "differ in length: 2, 1, 2"),
        ([0], [0], "bytes", "a profile in bytes can't have any"),
    ],
)
def test_times_that_do_not_fit_are_named(at: list[int], row: list[int], unit: str, says: str) -> None:
    times = Times(np.array(at), np.array(row, np.int32), no_cpus(len(at)))
    wrong = replace(ONE, times=times, meta=replace(ONE.meta, unit=unit))
    with pytest.raises(ProfileError, match=says):
        wrong.check()


def message(**changed: object) -> dict[str, object]:
    return {"unit_ns": 1000, "first_ns": 0, "step": [b"\1"], "row": [b"\0\0"], **changed}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"row": [b"\1\1"]}, "times.row: 1..1"),
        ({"row": [b"\0\0", b"\0\0", b"\0\0", b"\xff\xff"]}, "times.row: -16777216"),
        ({"row": [b"\0\0", b"\0"]}, "planes differ in length: 2, 1"),
        ({"row": []}, "planes differ in length: none"),
        ({"step": [b"\1\1\1"]}, "differ in length: 4, 2"),
        ({"step": [b"\1"] * 8}, "times.step"),
        ({"step": [b"\xff"] * 7}, "MAX_TIME_NS"),
        ({"unit_ns": 0}, "times.unit_ns"),
        ({"first_ns": 2**63}, "times.first_ns"),
        ({"row": [bytes(times.MAX_TIMES + 1)]}, "times.row.0"),
        ({"cpu": [b"\1"]}, "differ in length: 2, 2, 1"),
        ({"cpu": [b"\1\1", b"\1"]}, "planes differ in length: 2, 1"),
        ({"cpu": [b"\1\1"] * 3}, "times.cpu"),
        ({"cpu": [b"\1\1", b"\1\x80"]}, "MAX_CPUS"),
        ({"surprise": 1}, "times.surprise"),
        ({"step": [b"\0\0\0"], "row": [b"\0\0\0\0"]}, "row 0 has more of them than samples"),
    ],
)
def test_a_batch_with_wrong_times_is_refused_by_name(changed: dict[str, object], says: str) -> None:
    with pytest.raises(BatchError, match=says):
        batch.decode(altered(times=message(**changed)))


def test_times_of_a_batch_are_read() -> None:
    at = batch.decode(altered(times=message(first_ns=-2000, step=[b"\5", b"\1"]))).times.at_ns
    assert at.tolist() == [-2000, 259_000]


def test_numbers_that_no_cpu_has_are_not_kept() -> None:
    builder = ProfileBuilder(ProfileMeta())
    node = builder.stack([builder.frame(Frame("main"))])
    builder.add(node, 4)
    cpus = np.array([-7, MAX_CPUS - 1, MAX_CPUS, 3])
    builder.add_times(np.full(4, node), np.zeros(4, np.int32), np.arange(4) * RESOLUTION_NS, cpus)
    assert builder.build().times.cpu.tolist() == [NO_CPU, MAX_CPUS - 1, NO_CPU, 3]


def test_a_batch_from_before_cpus_still_opens_with_its_times() -> None:
    stored = (GOLDEN / "before-cpus.batch").read_bytes()
    assert "cpu" not in msgpack.unpackb(zstandard.decompress(stored))["times"]
    profile = batch.decode(stored)
    assert [at // MS for at in profile.times.at_ns.tolist()] == [0, 100, 400, 1000]
    assert not profile.times.has_cpus


def test_a_batch_from_before_times_still_opens() -> None:
    stored = (GOLDEN / "before-times.batch").read_bytes()
    assert "times" not in msgpack.unpackb(zstandard.decompress(stored))
    profile = batch.decode(stored)
    assert render(profile) == (GOLDEN / "before-times.txt").read_text()
    assert len(profile.times) == 0
    assert select(profile).total == 0
    assert select(profile).quality.skipped == {UNTIMED: 11}
