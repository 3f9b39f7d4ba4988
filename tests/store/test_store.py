"""What was kept comes back: at once, after compaction, over any range, by any label. Beside a naive sum."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.core.frame import FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.selector import SelectorError
from profiler.models import StoreHot, StoreSegment
from profiler.store import catalog as limits
from profiler.store.errors import CardinalityError, FutureError, OvertakenError, StoreError, TooOldError
from profiler.store.store import Store
from tests.store.fleet import DAY_S, NOW_MS, expected, fill, frame_kinds, make_store, question, recordings, stacks_of

pytestmark = pytest.mark.django_db
MADE = recordings(60)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make_store(tmp_path)


@pytest.mark.parametrize(("rounds", "hot"), [(1, 60), (1, 0), (4, 10)], ids=["hot", "compacted", "both"])
def test_all_that_was_kept_is_in_the_sum(store: Store, rounds: int, hot: int) -> None:
    fill(store, MADE, rounds=rounds, hot=hot)
    assert StoreHot.objects.count() == hot
    assert stacks_of(store.merge(question()).tree()) == expected(MADE)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.integers(0, 2 * DAY_S - 1), st.integers(1, 2 * DAY_S), st.sampled_from(["", 'host=~"host-[12]"']))
def test_any_range_is_the_sum_of_its_profiles(store: Store, begin_s: int, long_s: int, selector: str) -> None:
    """Whatever tiers it is covered with: days, hours and ten minutes in the middle, profiles at the edges."""
    if not StoreSegment.objects.exists():
        fill(store, MADE, rounds=3, hot=6)
    chosen = [one for one in MADE if not selector or one.host != "host-3"]
    merged = store.merge(question(selector, begin_s, begin_s + long_s))
    assert stacks_of(merged.tree()) == expected(chosen, begin_s, begin_s + long_s)


def test_a_selector_chooses_and_a_label_groups(store: Store) -> None:
    fill(store, MADE, rounds=2, hot=10)
    merged = store.merge(question('service="web", host!="host-1"'), group_by="version")
    tree = merged.tree()
    for version in ("v0", "v1"):
        chosen = [
            one for one in MADE if (one.service, one.labels["version"]) == ("web", version) and one.host != "host-1"
        ]
        below = {path[1:]: own for path, own in stacks_of(tree).items() if path[0] == version}
        assert Counter(below) == expected(chosen)
    assert FrameKind.PROCESS in frame_kinds(tree)


def test_time_series_add_up_by_label(store: Store) -> None:
    fill(store, MADE, rounds=2, hot=10)
    found = store.series(question(), 7_200_000, group_by="service")
    assert found.values.shape == (3, 24)
    for row, service in enumerate(found.groups):
        for bucket in range(24):
            chosen = [one for one in MADE if one.service == service]
            within = expected(chosen, bucket * 7200, (bucket + 1) * 7200)
            assert found.values[row, bucket] == within.total()
    assert found.profiles.sum() == len(MADE)


def test_a_profile_counts_once_however_often_it_arrives(store: Store) -> None:
    profiles = [one.kept() for one in MADE[:20]]
    assert store.append(profiles + profiles[:5], NOW_MS) == 20
    assert store.append(profiles, NOW_MS) == 0
    store.compactor.compact()
    assert store.append(profiles, NOW_MS) == 0
    assert stacks_of(store.merge(question()).tree()) == expected(MADE[:20])


def test_late_profiles_of_a_compacted_day_are_added_to_it(store: Store) -> None:
    early, late = MADE[:30], MADE[30:]
    fill(store, early)
    fill(store, late)
    days = question(end_s=DAY_S)
    assert stacks_of(store.merge(days).tree()) == expected(MADE, 0, DAY_S)


def test_a_clock_that_steps_back_loses_nothing(store: Store) -> None:
    """Two profiles of one series over the same time, as after a step: both happened."""
    first = MADE[0]
    again = replace(first, id="after-the-step")
    fill(store, [first, again])
    assert stacks_of(store.merge(question()).tree()) == expected([first, again])


def test_a_host_that_was_renamed_is_two_hosts_and_one_service(store: Store) -> None:
    before = [replace(one, host="old-name") for one in MADE if one.at_s < DAY_S]
    after = [replace(one, host="new-name") for one in MADE if one.at_s >= DAY_S]
    fill(store, [*before, *after], rounds=2, hot=5)
    assert stacks_of(store.merge(question()).tree()) == expected(MADE)
    for host, chosen in (("old-name", before), ("new-name", after)):
        assert stacks_of(store.merge(question(f'host="{host}"')).tree()) == expected(chosen)


def test_an_agent_that_comes_back_after_a_day_fills_its_gap(store: Store) -> None:
    """What it spooled arrives late, out of order and partly twice; the day of the others is compacted long since."""
    away = [one for one in MADE if one.host == "host-2" and one.at_s < DAY_S]
    fill(store, [one for one in MADE if one not in away], rounds=3)
    while store.merge_levels():
        pass
    spooled = [one.kept() for one in reversed(away)]
    for profile in spooled + spooled[:3]:
        store.append([profile], NOW_MS)
        store.compact()
    for begin_s, end_s in [(0, 2 * DAY_S), (0, DAY_S), (3_333, 77_777)]:
        assert stacks_of(store.merge(question("", begin_s, end_s)).tree()) == expected(MADE, begin_s, end_s)
    assert store.series(question(), DAY_S * 1000).profiles.sum() == len(MADE)


def test_a_clock_that_steps_ahead_and_back_puts_profiles_where_they_say(store: Store) -> None:
    """Ten minutes ahead for a while is within what is accepted: nothing is lost, and nothing moved by guess."""
    ahead = [replace(one, at_s=one.at_s + 600) for one in MADE[:10]]
    fill(store, [*ahead, *MADE[10:]], rounds=2)
    for begin_s, end_s in [(0, 2 * DAY_S + 600), (0, 43_200)]:
        found = store.merge(question("", begin_s, end_s)).tree()
        assert stacks_of(found) == expected([*ahead, *MADE[10:]], begin_s, end_s)


@pytest.mark.parametrize(
    ("at_s", "error", "says"),
    [(5 * DAY_S, FutureError, "host 'host-1' begins in"), (-30 * DAY_S, TooOldError, "RAW_DAYS")],
)
def test_profiles_of_impossible_times_are_refused_whole(
    store: Store, at_s: int, error: type[StoreError], says: str
) -> None:
    wrong = replace(MADE[0], id="wrong", at_s=at_s, host="host-1")
    with pytest.raises(error, match=says):
        store.append([MADE[1].kept(), wrong.kept()], NOW_MS)
    assert StoreHot.objects.count() == 0


def test_a_label_with_too_many_values_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profiler.catalog.series.MAX_SERIES", 5)
    made = [replace(MADE[0], id=str(n), labels={"request": str(n), "version": "v1"}) for n in range(6)]
    with pytest.raises(CardinalityError, match=r"MAX_SERIES \(5\).*'request'"):
        store.append([one.kept() for one in made], NOW_MS)
    assert StoreHot.objects.count() == 0
    assert limits.MAX_SERIES > 1000


def test_only_one_of_two_compactions_at_once_commits(store: Store, tmp_path: Path) -> None:
    store.append([one.kept() for one in MADE], NOW_MS)
    snapshot = store.catalog.oldest_hot(100)
    store.compactor.compact()
    with pytest.raises(OvertakenError):
        store.catalog.commit(snapshot.generation, hot=[row.id for row in snapshot.hot])
    assert stacks_of(store.merge(question()).tree()) == expected(MADE)


def test_questions_that_can_not_be_are_refused_in_words(store: Store) -> None:
    fill(store, MADE[:5])
    with pytest.raises(StoreError, match="MAX_RANGE_MS"):
        store.merge(question(end_s=3650 * DAY_S))
    with pytest.raises(StoreError, match="must come after"):
        store.merge(question(begin_s=5, end_s=5))
    with pytest.raises(SelectorError, match="character 8"):
        store.merge(question('host=~"(.)\\1"'))


def test_nothing_that_fits_is_an_empty_tree(store: Store) -> None:
    fill(store, MADE[:5])
    for selector in ('service="nowhere"', 'version="v9"'):
        assert stacks_of(store.merge(question(selector)).tree()) == Counter()
        assert store.series(question(selector), DAY_S * 1000).values.sum() == 0


def test_values_of_different_units_are_not_added(store: Store) -> None:
    one = MADE[0].kept()
    other = replace(one, key=7, subject=one.subject._replace(unit="nanoseconds"))
    store.append([one, other], NOW_MS)
    with pytest.raises(StoreError, match="nanoseconds and samples"):
        store.merge(question())


def test_a_process_that_was_forked_asks_for_itself(store: Store) -> None:
    """An engine that was made before a fork hangs: each process opens its own."""
    fill(store, MADE[:20])
    assert stacks_of(store.merge(question()).tree()) == expected(MADE[:20])
    sql = "SELECT count(*) AS n FROM read_parquet(?)"
    paths = [
        str(store.files.root / path) for path in StoreSegment.objects.filter(kind="raw").values_list("path", flat=True)
    ]
    child = os.fork()
    if not child:
        found = store.files.engine.query(sql, [paths])["n"][0]
        os._exit(0 if found > 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_tree_says_what_was_asked(store: Store) -> None:
    fill(store, MADE[:5])
    meta = store.merge(question(begin_s=0, end_s=3600)).tree().meta
    base = question().begin_ms * 10**6
    assert meta == ProfileMeta(kind="cpu", unit="samples", start_ns=base, duration_ns=3600 * 10**9)
