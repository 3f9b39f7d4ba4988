"""The overhead budget as arithmetic: nobody who keeps it is slowed down, nobody who breaks it goes on for long."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.cost.budget import (
    BURST_NS,
    MAX_FACTOR,
    MEMORY_PATIENCE_NS,
    RAISE_NS,
    SECOND_NS,
    SETTLE_NS,
    STOP_NS,
    WARM_UP_NS,
    Budget,
    Interval,
    Standing,
    begin,
    step,
)

MIB = 1 << 20
BUDGET = Budget(cpu_share=0.01, memory_bytes=150 * MIB)
IDLE = Interval(SECOND_NS, 0, 0, 0, SECOND_NS, 100 * MIB)

INTERVALS = st.builds(
    Interval,
    st.integers(1, 5 * SECOND_NS),
    *([st.integers(0, SECOND_NS)] * 3),
    st.integers(0, 64 * SECOND_NS),
    st.integers(0, 300 * MIB),
)


def using(share: float, *, busy: float = 1.0, helpers: float = 0.0, rss: int = 100 * MIB) -> Interval:
    """A second in which the agent used that share of a CPU."""
    return Interval(SECOND_NS, round(share * SECOND_NS), round(helpers * SECOND_NS), 0, round(busy * SECOND_NS), rss)


def seconds(
    standing: Standing, interval: Callable[[Standing], Interval], count: int, budget: Budget = BUDGET
) -> Standing:
    for _ in range(count):
        standing = step(standing, interval(standing), budget)
    return standing


@given(st.lists(INTERVALS, max_size=60))
def test_the_rate_is_a_power_of_two_part_of_what_was_asked_for(intervals: list[Interval]) -> None:
    standing = Standing()
    for interval in intervals:
        standing = step(standing, interval, BUDGET)
        assert standing.factor in (1, 2, 4, 8, MAX_FACTOR)
        assert -BURST_NS <= standing.account_ns <= BURST_NS


@given(st.lists(INTERVALS, max_size=60))
def test_who_stays_below_the_limit_is_left_alone(intervals: list[Interval]) -> None:
    standing = Standing()
    for interval in intervals:
        allowed = int(0.01 * max(interval.elapsed_ns, interval.busy_ns))
        modest = replace(interval, own_ns=min(interval.own_ns, allowed), bpf_ns=0, helpers_ns=0, rss_bytes=MIB)
        standing = step(standing, modest, BUDGET)
        assert (standing.factor, standing.stop) == (1, "")


@given(st.floats(0.05, 1.0), st.floats(0.0, 2.0))
def test_what_is_taken_before_anything_happens_is_bounded(share: float, busy: float) -> None:
    standing, taken, allowed = Standing(), 0, 0
    while standing.factor == 1:
        interval = using(share, busy=busy)
        standing = step(standing, interval, BUDGET)
        taken += interval.own_ns
        allowed += int(0.01 * max(interval.elapsed_ns, interval.busy_ns))
    settling = round(share * (SETTLE_NS + SECOND_NS))
    assert taken <= allowed + BURST_NS + settling


@given(st.floats(0.05, 1.0))
def test_when_the_lowest_rate_does_not_help_the_recording_ends_with_the_reason(share: float) -> None:
    ladder_s = BURST_NS // round((share - 0.01) * SECOND_NS) + 4 * SETTLE_NS // SECOND_NS + STOP_NS // SECOND_NS + 5
    standing = seconds(Standing(), lambda _: using(share), ladder_s)
    assert standing.factor == MAX_FACTOR
    assert standing.stop == f"the agent used {share:.1%} of a CPU, its limit is 1.0%, also at the lowest rate"


def test_a_rate_that_helps_is_kept_and_does_not_swing() -> None:
    """Use follows the rate: 3 % at the full rate, so 0.75 % at a quarter; half the rate would be over the limit."""
    factors = []
    standing = Standing(account_ns=0)
    for _ in range(600):
        standing = step(standing, using(0.03 / standing.factor), BUDGET)
        factors.append(standing.factor)
    assert set(factors[30:]) == {4}
    assert standing.stop == ""


def test_the_rate_goes_up_again_when_there_is_room_for_twice_the_use() -> None:
    standing = seconds(Standing(factor=4), lambda _: using(0.004), 3 * RAISE_NS // SECOND_NS)
    assert standing.factor == 1
    standing = seconds(Standing(factor=4), lambda _: using(0.006), 3 * RAISE_NS // SECOND_NS)
    assert standing.factor == 4


def test_each_change_is_looked_at_before_the_next() -> None:
    changes, standing = [], Standing(account_ns=-BURST_NS)
    for second in range(40):
        before, standing = standing.factor, step(standing, using(0.5), BUDGET)
        if standing.factor != before:
            changes.append(second)
    assert len(changes) == 4
    assert all(later - earlier >= SETTLE_NS // SECOND_NS for earlier, later in pairwise(changes))


def test_more_busy_cpus_allow_more() -> None:
    assert seconds(Standing(account_ns=0), lambda _: using(0.03, busy=4), 120).factor == 1
    assert seconds(Standing(account_ns=0), lambda _: using(0.03, busy=1), 120).factor > 1


def test_parsing_of_unknown_programs_is_free_at_the_start_only() -> None:
    parsing = lambda _: using(0.005, helpers=0.9)  # noqa: E731
    first = seconds(Standing(), parsing, WARM_UP_NS // SECOND_NS)
    assert first.factor == 1
    assert first.account_ns == BURST_NS
    assert seconds(first, parsing, 10).factor > 1


def test_bpf_programs_are_paid_for_like_the_agent() -> None:
    interval = Interval(SECOND_NS, 0, 0, SECOND_NS // 20, SECOND_NS, MIB)
    assert seconds(Standing(account_ns=0), lambda _: interval, 10).factor > 1


def test_memory_over_the_limit_ends_the_recording_when_it_stays() -> None:
    over = using(0.001, rss=180 * MIB)
    patience_s = MEMORY_PATIENCE_NS // SECOND_NS
    standing = seconds(Standing(), lambda _: over, patience_s - 1)
    assert standing.stop == ""
    relieved = seconds(step(standing, IDLE, BUDGET), lambda _: over, patience_s - 1)
    assert relieved.stop == ""
    assert step(relieved, over, BUDGET).stop == "the agent holds 180 MiB of memory, its limit is 150 MiB"


def test_helpers_that_make_it_too_much_must_end_and_the_recording_goes_on() -> None:
    crowded = replace(using(0.001, rss=100 * MIB), helpers_bytes=60 * MIB)
    standing = seconds(Standing(), lambda _: crowded, 60)
    assert (standing.crowded, standing.stop) == (True, "")
    assert not step(standing, replace(crowded, helpers_bytes=40 * MIB), BUDGET).crowded
    assert not step(standing, crowded, replace(BUDGET, memory_bytes=None)).crowded


def test_without_limits_nothing_happens() -> None:
    standing = seconds(Standing(), lambda _: using(0.9, rss=2**40), 300, Budget(cpu_share=None, memory_bytes=None))
    assert (standing.factor, standing.stop) == (1, "")


def test_a_recording_begins_at_its_own_rate_with_what_the_host_has_left() -> None:
    spent = Standing(factor=8, account_ns=-BURST_NS, stop="over", over_memory_ns=7, recording_ns=9)
    soon = begin(spent, replace(IDLE, elapsed_ns=10 * SECOND_NS, busy_ns=0), BUDGET)
    assert soon == Standing(account_ns=-BURST_NS + SECOND_NS // 10)
    later = begin(spent, replace(IDLE, elapsed_ns=1000 * SECOND_NS, busy_ns=0), BUDGET)
    assert later == Standing(account_ns=BURST_NS)


def test_what_helpers_learn_between_recordings_is_free() -> None:
    learning = replace(IDLE, helpers_ns=SECOND_NS)
    assert begin(Standing(recording_ns=WARM_UP_NS), learning, BUDGET) == Standing(account_ns=BURST_NS)


def test_a_standing_that_says_stop_stays() -> None:
    stopped = Standing(stop="over")
    assert step(stopped, IDLE, BUDGET) is stopped


@pytest.mark.parametrize("elapsed", [0, -5])
def test_a_clock_that_does_not_advance_changes_nothing(elapsed: int) -> None:
    assert step(Standing(), replace(IDLE, elapsed_ns=elapsed), BUDGET) == Standing()
