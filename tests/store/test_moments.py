"""Samples by their own times: heat maps and parts of a profile, beside a naive count; and what is known of losses."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from profiler.core.select import UNTIMED
from profiler.store.errors import StoreError
from profiler.store.losses import UNTOLD
from profiler.store.protocol import ProfileStore
from tests.store.backends import BACKENDS
from tests.store.fleet import DAY_S, NOW_MS, Stack, fill, question, recordings, stacks_of
from tests.store.timed import MADE

pytestmark = pytest.mark.django_db
SECOND_NS = 10**9


# The catalog keeps rows that are hot and lists segments: on the other kind of database two are enough.
STATES = [
    ("embedded", "hot"),
    ("embedded", "compacted"),
    pytest.param(("embedded", "merged"), marks=pytest.mark.any_database),
    pytest.param(("clickhouse", "compacted"), marks=pytest.mark.any_database),
]


@pytest.fixture(params=STATES, ids="-".join)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ProfileStore:
    backend, state = request.param
    store = BACKENDS[backend](tmp_path)
    # Segments are merged when there are FANOUT of them; three are several, too, and made in a quarter of the time.
    at_once = 1 if state == "merged" else 4
    for first in range(0, len(MADE), at_once):
        store.append([one.kept() for one in MADE[first : first + at_once]], NOW_MS)
        if state != "hot":
            store.compact()
    while state == "merged" and store.merge_levels():
        pass
    return store


def samples_between(begin_s: float, end_s: float) -> Counter[Stack]:
    return Counter(stack for one in MADE for at_s, stack in one.samples if begin_s <= at_s < end_s)


@pytest.mark.parametrize(
    ("begin_s", "end_s"),
    [(2 * DAY_S - 60, 2 * DAY_S - 30), (2 * DAY_S - 33.125, 2 * DAY_S - 32.5), (2 * DAY_S, 2 * DAY_S + 5)],
    ids=["profiles", "part of a second", "after midnight"],
)
def test_samples_count_when_they_were_taken(store: ProfileStore, begin_s: float, end_s: float) -> None:
    merged = store.merge_timed(question("", begin_s, end_s))
    assert stacks_of(merged.tree()) == samples_between(begin_s, end_s)


def test_a_heat_map_has_each_sample_in_its_cell(store: ProfileStore) -> None:
    begin_s, end_s = 2 * DAY_S - 70, 2 * DAY_S + 5
    found = store.heatmap(question("", begin_s, end_s), rows=20, column_ms=1000)
    right = np.zeros((20, 75), dtype=np.int64)
    for one in MADE:
        for at_s, _ in one.samples:
            if begin_s <= at_s < end_s:
                after = round((at_s - begin_s) * 20_000)
                right[after % 20_000 // 1000, after // 20_000] += 1
    assert np.array_equal(found.counts, right)


def test_samples_without_a_time_are_counted(store: ProfileStore) -> None:
    """Those of the profiles that overlap the range."""
    begin_s, end_s = 2 * DAY_S - 30, 2 * DAY_S - 20
    untimed = sum(one.untimed for one in MADE if one.at_s < end_s and one.at_s + 10 > begin_s)
    assert untimed
    assert store.heatmap(question("", begin_s, end_s), 10, 1000).untimed == untimed
    quality = store.merge_timed(question("", begin_s, end_s)).tree().quality
    assert quality is not None
    assert quality.skipped == {UNTIMED: untimed}


def test_other_hosts_are_not_in_it(store: ProfileStore) -> None:
    everywhere = question("", 2 * DAY_S - 200, 2 * DAY_S)
    elsewhere = question('host="host-2"', 2 * DAY_S - 200, 2 * DAY_S)
    assert store.heatmap(everywhere, 10, 1000).counts.sum() > 0
    assert store.heatmap(elsewhere, 10, 1000).counts.sum() == 0
    assert stacks_of(store.merge_timed(elsewhere).tree()) == Counter()


def test_a_merge_says_what_was_lost_cut_and_nameless(store: ProfileStore) -> None:
    quality = store.merge(question("", 0, 2 * DAY_S)).tree().quality
    taken = sum(len(one.samples) + one.untimed for one in MADE)
    assert quality is not None
    assert (quality.samples, quality.lost_total, quality.skipped) == (taken + 2 * len(MADE), 2 * len(MADE), {})
    assert quality.outcomes == {"end": taken - len(MADE), "no memory": len(MADE)}
    assert quality.unknown == {"libc.so": len(MADE)}


def test_values_without_losses_are_told_as_such(store: ProfileStore) -> None:
    """Kept by a version that did not know them: nobody may say that nothing was lost."""
    old = recordings(10, days=1)
    fill(store, old)
    alone = store.merge(question("", 0, DAY_S)).tree()
    assert alone.quality is None
    both = store.merge(question("", 0, 2 * DAY_S)).tree().quality
    assert both is not None
    assert both.skipped == {UNTOLD: int(alone.total[0])}


@pytest.mark.parametrize(("rows", "column_ms"), [(0, 1000), (1001, 1000), (50, 1), (1000, 100)])
@pytest.mark.any_database
@pytest.mark.parametrize("backend", ["embedded", "clickhouse"])
def test_a_heat_map_that_can_not_be_drawn_is_refused(tmp_path: Path, backend: str, rows: int, column_ms: int) -> None:
    store = BACKENDS[backend](tmp_path)
    with pytest.raises(StoreError, match="heat map"):
        store.heatmap(question("", 0, DAY_S), rows, column_ms)


def test_the_largest_profiles_are_listed(store: ProfileStore) -> None:
    found, missing = store.profiles(question("", 0, 2 * DAY_S), limit=4)
    right = sorted((len(one.samples) + one.untimed for one in MADE), reverse=True)[:4]
    assert ([one.total for one in found], missing) == (right, [])
    profile = store.profile(found[0].key)
    assert profile is not None
    assert profile.tree(1000).total[0] == right[0]
