"""Segments change places while everything runs: nothing is missing, and nothing is in two places for long."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from profiler.store.check import check
from profiler.store.errors import OvertakenError, StoreError
from profiler.store.objects.moving import move
from profiler.store.objects.objects import Objects
from profiler.store.retention import GRACE, sweep
from profiler.store.store import Store
from tests.store.backends import make_memory_store
from tests.store.fleet import DAY_S, expected, fill, make_store, question, recordings, stacks_of
from tests.store.objects.helpers import elsewhere, far, paths, there

pytestmark = pytest.mark.django_db
MADE = recordings(40, seed=14)
LATER = datetime.now(UTC) + 7 * GRACE
EDGES = question("", 3_001, 90_003)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """With segments on its disk, after it was told of an object store."""
    fill(make_store(tmp_path), MADE, rounds=3, hot=4)
    return make_memory_store(tmp_path)


def on_disk(store: Store) -> set[str]:
    return {str(path.relative_to(store.files.root)) for path in store.files.root.glob("????-??-??/*")}


def right(store: Store) -> None:
    for asked, range_s in ((question(), (0, 2 * DAY_S)), (EDGES, (3_001, 90_003))):
        merged = store.merge(asked)
        assert (merged.missing, stacks_of(merged.tree())) == ([], expected(MADE, *range_s))


def test_segments_move_there_and_back_and_every_answer_stays(store: Store, tmp_path: Path) -> None:
    before = on_disk(store)
    right(store)
    moved = list(move(store.catalog, store.files, out=True))
    assert [day.day for day in moved] == ["2026-05-27", "2026-05-28"]
    assert sum(day.segments for day in moved) == len(before) == len(there(store))
    assert before < set(on_disk(store)) | paths(), "a question may be reading them"
    right(elsewhere(store, tmp_path))
    sweep(store.catalog, store.files, LATER)
    assert (on_disk(store), paths()) == (set(), there(store))
    assert list(move(store.catalog, store.files, out=True)) == []

    assert sum(day.segments for day in move(store.catalog, store.files, out=False)) == len(before)
    sweep(store.catalog, store.files, LATER)
    assert (there(store), on_disk(store)) == (set(), paths())
    without = make_store(tmp_path)
    right(without)
    assert check(without.catalog, without.files).findings == []


def test_both_places_answer_and_merge_together(store: Store, tmp_path: Path) -> None:
    more = recordings(20, seed=15)
    fill(store, more, rounds=8)
    while store.merge_levels():
        pass
    merged = store.merge(question())
    assert (merged.missing, stacks_of(merged.tree())) == ([], expected([*MADE, *more]))
    assert store.delete(MADE[0].kept().key)
    assert stacks_of(store.merge(EDGES).tree()) == expected([*MADE[1:], *more], 3_001, 90_003)


def test_a_move_that_is_overtaken_goes_on_with_what_is_there_then(store: Store) -> None:
    commit, often = store.catalog.commit, [2]

    def overtaken(generation: int, **changes: Any) -> None:
        if often[0]:
            often[0] -= 1
            raise OvertakenError("a compaction was faster")
        commit(generation, **changes)

    store.catalog.commit = overtaken  # type: ignore[method-assign]
    list(move(store.catalog, store.files, out=True))
    assert paths(unlisted_at=None) == there(store), "those of the overtaken ones were taken away"
    right(store)


def test_a_damaged_segment_is_not_moved(store: Store) -> None:
    path = store.files.root / min(on_disk(store))
    path.write_bytes(b"x" * path.stat().st_size)
    before = paths()
    with pytest.raises(StoreError, match="is damaged: run `manage"):
        list(move(store.catalog, store.files, out=True))
    assert paths() == before


def test_there_must_be_somewhere_to_move_to(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    with pytest.raises(StoreError, match="WEBPROF_STORE names no object store"):
        list(move(store.catalog, store.files, out=True))


def test_segments_of_more_than_the_cache_holds_can_be_moved_some_at_a_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiler.store.objects.moving.AT_ONCE", 1)
    monkeypatch.setattr("profiler.store.objects.cache.FRESH_S", 0)
    total = sum(path.stat().st_size for path in store.files.root.glob("????-??-??/*"))
    small = Store(store.catalog, tmp_path, objects=Objects(far(store).bucket.address, tmp_path, total // 4))
    list(move(small.catalog, small.files, out=True))
    assert far(small).cache.bytes() <= total // 4
    list(move(small.catalog, small.files, out=False))
    right(make_store(tmp_path))
