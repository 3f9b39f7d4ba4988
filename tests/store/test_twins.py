"""Profiles of one series that began in the same millisecond stay two, on every backend."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from profiler.store.errors import StoreError
from profiler.store.protocol import ProfileStore
from tests.store.backends import BACKENDS, EACH_BACKEND
from tests.store.fleet import DAY_S, expected, fill, question, recordings, stacks_of

pytestmark = pytest.mark.django_db
MADE = recordings(6, seed=3)


@pytest.fixture(params=EACH_BACKEND)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ProfileStore:
    return BACKENDS[request.param](tmp_path)


@pytest.mark.parametrize("rounds", [1, 3], ids=["together", "one after the other"])
def test_profiles_of_one_series_that_began_in_the_same_millisecond_are_told_apart(
    store: ProfileStore, rounds: int
) -> None:
    """A clock that was set back makes them: their times are whole multiples of their length."""
    alike = [replace(MADE[0], id=f"again-{n}", stacks={("main", f"time {n}"): n + 1}) for n in range(3)]
    fill(store, [*alike, *MADE[1:6]], rounds=rounds)
    before = store.series(question(), DAY_S * 1000, "host")
    for one in alike:
        found = store.profile(one.kept().key)
        assert found is not None
        assert stacks_of(found.tree(1000)) == Counter(one.stacks)
        assert (found.labels, found.ts_ms) == (one.kept().labels, one.kept().ts_ms)
    assert store.delete(alike[1].kept().key)
    left = [alike[0], alike[2], *MADE[1:6]]
    while store.merge_levels():
        pass
    assert stacks_of(store.merge(question()).tree()) == expected(left)
    after = store.series(question(), DAY_S * 1000, "host")
    assert (after.groups, after.profiles.sum()) == (before.groups, len(left))
    assert sum(profiles for _, profiles, _ in store.by_series(question())) == len(left)


def test_more_of_one_millisecond_than_there_are_twins_are_not_deleted_alone(
    store: ProfileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiler.store.twins.MAX_TWINS", 1)
    alike = [replace(MADE[0], id=f"again-{n}") for n in range(3)]
    fill(store, alike)
    assert stacks_of(store.merge(question()).tree()) == expected(alike)
    with pytest.raises(StoreError, match="same millisecond"):
        store.delete(alike[2].kept().key)
    assert store.delete(alike[0].kept().key)
    assert stacks_of(store.merge(question()).tree()) == expected(alike[1:])
