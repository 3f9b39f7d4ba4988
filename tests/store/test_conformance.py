"""What a profile store promises, asked of every backend: totals, groups, edges, duplicates, deletion, retention.

Beside the slow, obvious sum over the recordings themselves. A new backend is a line in `backends.py`.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.core.selector import SelectorError
from profiler.store.errors import FutureError, StoreError, TooOldError
from profiler.store.kinds import DAY, HOUR, RAW, TEN_MINUTES
from profiler.store.protocol import ProfileStore
from profiler.store.question import NO_VALUE
from profiler.store.retention import KEPT_DAYS
from tests.store.backends import BACKENDS, EACH_BACKEND
from tests.store.fleet import (
    DAY_S,
    MIDNIGHT_S,
    NOW_MS,
    Stack,
    expected,
    fill,
    question,
    recordings,
    stacks_of,
)

pytestmark = pytest.mark.django_db
MADE = recordings(48, seed=5)
HOUR_S = 3600
ANY_RANGE = st.tuples(st.integers(0, 2 * DAY_S - 1), st.integers(1, 2 * DAY_S))


@pytest.fixture(params=EACH_BACKEND)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ProfileStore:
    return BACKENDS[request.param](tmp_path)


def sums(store: ProfileStore, selector: str = "", begin_s: float = 0, end_s: float = 2 * DAY_S) -> Counter[Stack]:
    merged = store.merge(question(selector, begin_s, end_s))
    assert merged.missing == []
    return stacks_of(merged.tree())


# ── totals ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("rounds", "hot"), [(1, 48), (1, 0), (4, 8)], ids=["waiting", "compacted", "both"])
def test_what_was_appended_is_in_the_sum_at_once(store: ProfileStore, rounds: int, hot: int) -> None:
    fill(store, MADE, rounds=rounds, hot=hot)
    assert sums(store) == expected(MADE)


def test_compacting_says_how_many_it_moved_and_ends(store: ProfileStore) -> None:
    store.append([one.kept() for one in MADE], NOW_MS)
    assert [store.compact(limit=30), store.compact(), store.compact()] == [30, 18, 0]
    while store.merge_levels():
        assert sums(store) == expected(MADE)
    assert sums(store) == expected(MADE)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_RANGE, st.sampled_from(["", 'host=~"host-[12]"']))
def test_any_range_is_the_sum_of_its_profiles(store: ProfileStore, asked: tuple[int, int], selector: str) -> None:
    begin_s, long_s = asked
    if not sums(store):
        fill(store, MADE, rounds=3, hot=5)
    chosen = [one for one in MADE if not selector or one.host != "host-3"]
    assert sums(store, selector, begin_s, begin_s + long_s) == expected(chosen, begin_s, begin_s + long_s)


@pytest.mark.parametrize("step_s", [tier.step_ms / 1000 for tier in (TEN_MINUTES, HOUR, DAY)])
@pytest.mark.parametrize("selector", ["", 'host="host-1"'], ids=["all series", "one host"])
def test_a_range_begins_with_its_first_millisecond_and_ends_before_its_last(
    store: ProfileStore, step_s: float, selector: str
) -> None:
    """Profiles at the edges of every tier's steps, and ranges that begin and end there."""
    edges = [step_s, step_s - 0.001, step_s + 0.001]
    made = [replace(MADE[0], id=str(at_s), at_s=at_s, host="host-1") for at_s in {0, *edges, DAY_S - 0.001}]
    fill(store, made)
    for begin_s in (0, *edges):
        for end_s in (*edges, 2 * step_s, DAY_S):
            if begin_s < end_s:
                assert sums(store, selector, begin_s, end_s) == expected(made, begin_s, end_s)


def test_a_value_may_be_larger_than_a_float_holds_exactly(store: ProfileStore) -> None:
    large = 2**53 + 1
    made = [replace(MADE[0], id=str(n), at_s=n, stacks={("main",): large}) for n in range(3)]
    fill(store, made)
    assert sums(store) == {("main",): 3 * large}


# ── groups, series, functions ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("label", ["version", "host", "service"])
def test_groups_are_the_sums_of_their_profiles(store: ProfileStore, label: str) -> None:
    fill(store, MADE, rounds=2, hot=6)
    found = stacks_of(store.merge(question(), group_by=label).tree())
    of = {
        "version": lambda one: one.labels["version"],
        "host": lambda one: one.host,
        "service": lambda one: one.service,
    }
    values = {of[label](one) for one in MADE}
    assert {path[0] for path in found} == values
    for value in values:
        below = Counter({path[1:]: own for path, own in found.items() if path[0] == value})
        assert below == expected([one for one in MADE if of[label](one) == value])


def test_a_label_that_no_profile_has_is_one_group(store: ProfileStore) -> None:
    fill(store, MADE[:10], hot=3)
    found = stacks_of(store.merge(question(), group_by="nobody").tree())
    assert Counter({path[1:]: own for path, own in found.items()}) == expected(MADE[:10])
    assert {path[0] for path in found} == {NO_VALUE}


@pytest.mark.parametrize("step_s", [7200, 1000], ids=["hours", "no tier"])
def test_time_series_add_up_by_label(store: ProfileStore, step_s: int) -> None:
    fill(store, MADE, rounds=2, hot=8)
    begin_s = 36_000
    found = store.series(question("", begin_s, begin_s + 100 * step_s), step_s * 1000, group_by="service")
    assert found.values.shape == (3, 100)
    for row, service in enumerate(found.groups):
        chosen = [one for one in MADE if one.service == service]
        for bucket in range(100):
            begin, end = begin_s + bucket * step_s, begin_s + (bucket + 1) * step_s
            assert found.values[row, bucket] == expected(chosen, begin, end).total()
            assert found.profiles[row, bucket] == sum(begin <= one.at_s < end for one in chosen)


@pytest.mark.parametrize(("begin_s", "end_s"), [(0, 2 * DAY_S), (3_000, 90_000)])
def test_every_series_tells_its_labels_and_what_it_has_in_the_range(
    store: ProfileStore, begin_s: int, end_s: int
) -> None:
    fill(store, MADE, rounds=2, hot=6)
    found = {
        (labels["service"], labels["host"], labels["version"]): (profiles, total)
        for labels, profiles, total in store.by_series(question("", begin_s, end_s))
    }
    wanted: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in MADE:
        if begin_s <= one.at_s < end_s:
            key = (one.service, one.host, one.labels["version"])
            profiles, total = wanted.get(key, (0, 0))
            wanted[key] = (profiles + 1, total + sum(one.stacks.values()))
    assert found == wanted


@pytest.mark.parametrize("step_s", [600, 3600, 1000], ids=["ten minutes", "hours", "no tier"])
def test_every_functions_series_is_what_ran_through_it(store: ProfileStore, step_s: int) -> None:
    fill(store, MADE, rounds=2, hot=7)
    begin_s, end_s = 36_000, 36_000 + 60 * step_s
    found = store.functions(question("", begin_s, end_s), step_s * 1000, top=100)
    names = {name for stack in expected(MADE, begin_s, end_s) for name in stack}
    assert {frame.name for row, frame in enumerate(found.frames) if found.total[row].any()} == names
    for row, frame in enumerate(found.frames):
        for bucket in range(found.total.shape[1]):
            within = expected(MADE, begin_s + bucket * step_s, begin_s + (bucket + 1) * step_s)
            assert found.total[row, bucket] == sum(v for stack, v in within.items() if frame.name in stack)
            assert found.own[row, bucket] == sum(v for stack, v in within.items() if frame.name == stack[-1])


def test_each_series_says_its_labels_profiles_and_total(store: ProfileStore) -> None:
    fill(store, MADE, rounds=2, hot=7)
    found = store.by_series(question("", 3_000, 90_000))
    within = [one for one in MADE if 3_000 <= one.at_s < 90_000]
    told = {(labels["service"], labels["host"], labels["version"]): (count, total) for labels, count, total in found}
    for (service, host, version), (count, total) in told.items():
        its = [one for one in within if (one.service, one.host, one.labels["version"]) == (service, host, version)]
        assert (count, total) == (len(its), expected(its).total())
    assert sum(count for count, _ in told.values()) == len(within)


# ── late, often, and not at all ─────────────────────────────────────────────────────────────────────────────────────
def test_a_profile_counts_once_however_often_it_arrives(store: ProfileStore) -> None:
    profiles = [one.kept() for one in MADE[:20]]
    assert store.append(profiles + profiles[:5], NOW_MS) == 20
    assert store.append(profiles, NOW_MS) == 0
    store.compact()
    assert store.append(profiles, NOW_MS) == 0
    store.compact()
    assert sums(store) == expected(MADE[:20])


def test_late_profiles_are_added_to_their_day(store: ProfileStore) -> None:
    fill(store, MADE[:24])
    before = sums(store, end_s=DAY_S)
    fill(store, MADE[24:])
    assert sums(store, end_s=DAY_S) == before + expected(MADE[24:], 0, DAY_S)


@pytest.mark.parametrize(("at_s", "error"), [(5 * DAY_S, FutureError), (-30 * DAY_S, TooOldError)])
def test_a_batch_with_an_impossible_time_is_refused_whole(
    store: ProfileStore, at_s: int, error: type[StoreError]
) -> None:
    with pytest.raises(error, match="host 'host-1'"):
        store.append([MADE[1].kept(), replace(MADE[0], id="wrong", at_s=at_s, host="host-1").kept()], NOW_MS)
    assert sums(store) == Counter()


def test_values_of_different_units_are_not_added(store: ProfileStore) -> None:
    one = MADE[0].kept()
    store.append([one, replace(one, key=7, subject=one.subject._replace(unit="nanoseconds"))], NOW_MS)
    store.compact()
    with pytest.raises(StoreError, match="nanoseconds and samples"):
        store.merge(question())


# ── nothing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("selector", ['service="nowhere"', 'version="v9"', 'nobody="x"'])
def test_nothing_that_fits_is_an_empty_answer(store: ProfileStore, selector: str) -> None:
    fill(store, MADE[:5])
    nothing = question(selector)
    assert sums(store, selector) == Counter()
    assert store.series(nothing, DAY_S * 1000).values.sum() == 0
    assert store.functions(nothing, DAY_S * 1000).total.sum() == 0


def test_an_empty_store_answers(store: ProfileStore) -> None:
    assert sums(store) == Counter()
    assert store.series(question(), DAY_S * 1000, group_by="host").values.sum() == 0
    assert not store.functions(question(), DAY_S * 1000).frames
    assert (store.profile(1), store.delete(1), store.compact()) == (None, False, 0)
    assert not store.merge_levels()


def test_questions_that_can_not_be_are_refused_in_words(store: ProfileStore) -> None:
    fill(store, MADE[:5])
    with pytest.raises(StoreError, match="MAX_RANGE_MS"):
        store.merge(question(end_s=3650 * DAY_S))
    with pytest.raises(StoreError, match="must come after"):
        store.series(question(begin_s=5, end_s=5), 1000)
    with pytest.raises(SelectorError, match="character 8"):
        store.merge(question('host=~"(.)\\1"'))
    with pytest.raises(StoreError, match="MAX_BUCKETS"):
        store.functions(question(), 1000)


# ── one profile ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("hot", [0, 48], ids=["compacted", "waiting"])
def test_one_profile_is_as_it_was_kept(store: ProfileStore, hot: int) -> None:
    fill(store, MADE, hot=hot)
    kept = MADE[3].kept()
    found = store.profile(kept.key)
    assert found is not None
    assert stacks_of(found.tree(1000)) == Counter(MADE[3].stacks)
    assert (found.subject, found.labels, found.ts_ms) == (kept.subject, kept.labels, kept.ts_ms)
    assert store.profile(12345) is None


@pytest.mark.parametrize("hot", [0, 48], ids=["compacted", "waiting"])
def test_a_deleted_profile_is_gone_from_every_answer_and_does_not_come_back(store: ProfileStore, hot: int) -> None:
    fill(store, MADE, rounds=1 if hot else 3, hot=hot)
    gone, rest = MADE[7], [*MADE[:7], *MADE[8:]]
    key = gone.kept().key
    assert store.delete(key)
    assert (store.delete(key), store.profile(key), store.append([gone.kept()], NOW_MS)) == (False, None, 0)
    store.compact()
    while store.merge_levels():
        pass
    for begin_s, end_s in [(0, 2 * DAY_S), (0, DAY_S), (3_000, 90_000), (gone.at_s - 100, gone.at_s + 100)]:
        assert sums(store, "", begin_s, end_s) == expected(rest, begin_s, end_s)
    found = store.series(question(), DAY_S * 1000)
    assert (found.profiles.sum(), found.values.sum()) == (len(rest), expected(rest).total())


# ── retention ───────────────────────────────────────────────────────────────────────────────────────────────────────
def days_later(days: float) -> datetime:
    return datetime.fromtimestamp(MIDNIGHT_S, UTC) + timedelta(days=days)


def test_old_days_are_kept_in_coarser_steps_and_then_not_at_all(store: ProfileStore) -> None:
    fill(store, MADE, rounds=2)
    store.expire(days_later(2))
    assert sums(store, "", 3_000, 90_000) == expected(MADE, 3_000, 90_000)
    assert store.expire(days_later(KEPT_DAYS[RAW.kind] + 2)) > 0
    merged = store.merge(question("", 3_000, 90_000))
    assert merged.rounded_ms == HOUR.step_ms
    assert stacks_of(merged.tree()) == expected(MADE, 0, 90_000)
    with pytest.raises(StoreError, match="samples are not there"):
        store.profile(MADE[0].kept().key)
    store.expire(days_later(KEPT_DAYS[HOUR.kind] + 2))
    assert sums(store, "", 3_000, 90_000) == expected(MADE)
    store.expire(days_later(KEPT_DAYS[DAY.kind] + 2))
    assert sums(store) == Counter()


def test_one_day_expires_without_the_next(store: ProfileStore) -> None:
    fill(store, MADE)
    store.expire(days_later(KEPT_DAYS[DAY.kind] + 1))
    assert sums(store) == expected(MADE, DAY_S)
