"""Profiles of different rates add up as CPU time, in every answer of every backend."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.store.errors import StoreError, TotalError
from profiler.store.protocol import ProfileStore
from profiler.store.store import MAX_TOTAL
from tests.store.backends import BACKENDS, EACH_BACKEND
from tests.store.fleet import DAY_S, NOW_MS, Recording, Stack, fill, question, recordings, stacks_of

pytestmark = pytest.mark.django_db
MADE = recordings(48, seed=5)
ANY_RANGE = st.tuples(st.integers(0, 2 * DAY_S - 1), st.integers(1, 2 * DAY_S))


@pytest.fixture(params=EACH_BACKEND)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ProfileStore:
    return BACKENDS[request.param](tmp_path)


SLOW_NS, FAST_NS = round(1e9 / 19), round(1e9 / 99)
RATED = [replace(one, period_ns=SLOW_NS if number % 3 else FAST_NS) for number, one in enumerate(MADE)]


def cpu_time(made: Sequence[Recording], begin_s: float = 0, end_s: float = 2 * DAY_S) -> Counter[Stack]:
    """Nanoseconds by stack."""
    found: Counter[Stack] = Counter()
    for one in made:
        if begin_s <= one.at_s < end_s:
            found.update({stack: value * one.period_ns for stack, value in one.stacks.items()})
    return found


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_RANGE, st.sampled_from(["", 'host=~"host-[12]"']))
def test_samples_of_different_rates_add_up_as_cpu_time(
    store: ProfileStore, asked: tuple[int, int], selector: str
) -> None:
    begin_s, long_s = asked
    if not store.by_series(question()):
        fill(store, RATED, rounds=3, hot=5)
    chosen = [one for one in RATED if not selector or one.host != "host-3"]
    merged = store.merge(question(selector, begin_s, begin_s + long_s))
    right = cpu_time(chosen, begin_s, begin_s + long_s)
    assert stacks_of(merged.tree()) == right
    assert not right or merged.unit == "nanoseconds"
    series = store.series(question(selector, begin_s, begin_s + long_s), DAY_S * 1000, "host")
    assert series.values.sum() == right.total()
    assert len(set(series.groups)) == len(series.groups)


@pytest.mark.parametrize("hot", [48, 0], ids=["waiting", "compacted"])
def test_every_answer_is_in_cpu_time(store: ProfileStore, hot: int) -> None:
    fill(store, RATED, hot=hot)
    total = cpu_time(RATED).total()
    everything = question()
    assert sum(value for _, _, value in store.by_series(everything)) == total
    by_host = store.merge(everything, "host")
    assert by_host.tree().total[0] == total
    assert by_host.tree().meta.period_ns in range(FAST_NS, SLOW_NS)
    functions = store.functions(everything, DAY_S * 1000)
    assert (functions.unit, functions.own.sum()) == ("nanoseconds", total)
    largest, _ = store.profiles(everything, 5)
    assert [one.total for one in largest] == sorted(
        (sum(one.stacks.values()) * one.period_ns for one in RATED), reverse=True
    )[:5]
    one = store.profile(RATED[0].kept().key)
    assert one is not None
    assert stacks_of(one.tree(1000)) == cpu_time(RATED[:1])


@pytest.mark.parametrize("hot", [0, 2], ids=["compacted", "hot"])
def test_a_sum_that_no_number_holds_is_refused_in_every_answer(store: ProfileStore, hot: int) -> None:
    half = replace(MADE[0], period_ns=2**61, stacks={("main",): 2})
    fill(store, [half, replace(half, id="another", at_s=half.at_s + 10)], hot=hot)
    answers: list[Callable[[], object]] = [
        lambda: store.merge(question()),
        lambda: store.series(question(), DAY_S * 1000),
        lambda: store.by_series(question()),
        lambda: store.functions(question(), DAY_S * 1000),
    ]
    for answer in answers:
        with pytest.raises(StoreError, match="MAX_SUM"):
            answer()
    assert store.merge(question("", half.at_s, half.at_s + 5)).tree().total[0] == 2**62


@pytest.mark.parametrize(
    "absurd",
    [replace(MADE[0], stacks={("main",): MAX_TOTAL}), replace(MADE[0], period_ns=2**62, stacks={("main",): 2})],
)
def test_a_profile_of_more_than_a_machine_can_have_used_is_refused_whole(
    store: ProfileStore, absurd: Recording
) -> None:
    with pytest.raises(TotalError, match="more than a machine can have used"):
        store.append([MADE[1].kept(), absurd.kept()], NOW_MS)
    assert store.series(question(), DAY_S * 1000).profiles.sum() == 0
