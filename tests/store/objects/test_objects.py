"""Segments in object stores: there before they are listed, read through a bounded cache, never lost."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from profiler.models import StoreHot
from profiler.store.check import check, repair
from profiler.store.errors import OvertakenError, UnavailableError
from profiler.store.kinds import DAY
from profiler.store.objects import objects as objects_module
from profiler.store.objects.objects import PREFIX, name_of
from profiler.store.retention import GRACE, sweep
from profiler.store.store import Store
from tests.store.backends import OBJECT_STORES, make_object_store, s3_endpoint
from tests.store.fleet import DAY_S, NOW_MS, expected, fill, question, recordings, stacks_of
from tests.store.objects.helpers import elsewhere, far, overwrite, path_of, paths, there
from tests.store.s3_server import CLOSED, DOWN, FULL, NOTHING, Fault, tell

# test_moving.py asks the catalog more.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MADE = recordings(60, seed=12, days=1)
WHOLE = question(end_s=DAY_S)
# From no step of a rollup: read from profiles.
EDGES = question("", 3_001, 80_003)
LATER = datetime.now(UTC) + GRACE + timedelta(hours=1)


@pytest.fixture(params=OBJECT_STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return OBJECT_STORES[request.param](tmp_path)


@pytest.fixture
def on_s3(tmp_path: Path) -> Iterator[Store]:
    """A store whose server may be told to be faulty."""
    yield make_object_store(tmp_path)
    tell(s3_endpoint(), NOTHING)


# ── the life of a segment ───────────────────────────────────────────────────────────────────────────────────────────
def test_every_listed_segment_is_there_and_every_machine_reads_it(store: Store, tmp_path: Path) -> None:
    fill(store, MADE, rounds=4, hot=5)
    assert paths() == there(store)
    assert list(store.files.root.glob("????-??-??/*")) == [], "what is kept elsewhere is not kept twice"
    reader = elsewhere(store, tmp_path)
    for asked, range_s in ((WHOLE, (0, DAY_S)), (EDGES, (3_001, 80_003))):
        assert stacks_of(reader.merge(asked).tree()) == expected(MADE, *range_s)
    assert reader.merge(WHOLE).missing == []


def test_replaced_objects_stay_for_questions_and_go_after_the_grace(store: Store, tmp_path: Path) -> None:
    fill(store, MADE, rounds=8)
    before = there(store)
    while store.merge_levels():
        pass
    assert store.delete(MADE[3].kept().key)
    sweep(store.catalog, store.files, datetime.now(UTC))
    assert before < there(store)
    assert sweep(store.catalog, store.files, LATER) > 0
    assert there(store) == paths() == paths(unlisted_at=None)
    rest = [one for one in MADE if one is not MADE[3]]
    assert stacks_of(elsewhere(store, tmp_path).merge(EDGES).tree()) == expected(rest, 3_001, 80_003)


def test_what_a_killed_process_put_there_goes_later_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, MADE[:9])
    orphan, other = f"{PREFIX}2026-05-27/raw-{'0' * 32}.parquet", f"{PREFIX}2026-05-27/notes.parquet"
    for path in (orphan, other):
        overwrite(store, path, b"half")
    sweep(store.catalog, store.files, LATER)
    assert orphan in there(store), "it may be listed in a moment"
    monkeypatch.setattr("profiler.store.retention.ABANDONED_S", -10)
    assert sweep(store.catalog, store.files, LATER) == 1
    assert there(store) == paths()
    address = far(store).bucket.address
    assert address.open().exists(f"{address.url.partition('://')[2]}/{name_of(other)}"), "not ours to delete"


def test_a_compaction_that_was_overtaken_takes_its_objects_away_again(store: Store) -> None:
    store.append([one.kept() for one in MADE], NOW_MS)
    commit = store.catalog.commit

    def overtaken(generation: int, **changes: Any) -> None:
        store.catalog.delete_hot(MADE[0].kept().key)
        commit(generation, **changes)

    store.catalog.commit = overtaken  # type: ignore[method-assign]
    with pytest.raises(OvertakenError):
        store.compact()
    assert there(store) == set()
    assert StoreHot.objects.count() == len(MADE) - 1


# ── a store that does not do it ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("fault", "said"), [(FULL, "XMinioStorageFull"), (CLOSED, "PermissionError"), (DOWN, "s3://")])
def test_what_can_not_be_put_there_stays_hot_and_leaves_nothing_behind(on_s3: Store, fault: Fault, said: str) -> None:
    fill(on_s3, MADE[:20], hot=0)
    before = paths()
    on_s3.append([one.kept() for one in MADE[20:]], NOW_MS)
    tell(s3_endpoint(), fault)
    with pytest.raises(UnavailableError, match=said) as refused:
        on_s3.compact()
    assert "a-secret-for-tests" not in str(refused.value)
    assert (StoreHot.objects.count(), paths()) == (40, before)
    assert list(on_s3.files.root.glob("????-??-??/*")) == []
    assert stacks_of(on_s3.merge(WHOLE).tree()) == expected(MADE)
    tell(s3_endpoint(), NOTHING)
    assert on_s3.compact() == 40
    assert stacks_of(on_s3.merge(WHOLE).tree()) == expected(MADE)


def test_while_the_store_is_away_answers_say_what_they_lack_and_nothing_is_believed_to_be_lost(
    on_s3: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "PAUSE_S", 0)
    fill(on_s3, MADE, hot=5)
    key = MADE[0].kept().key
    tell(s3_endpoint(), DOWN)
    assert stacks_of(on_s3.merge(WHOLE).tree()) == expected(MADE), "what was written here is read here"
    reader = elsewhere(on_s3, tmp_path)
    merged = reader.merge(WHOLE)
    assert path_of(DAY.kind) in merged.missing
    assert merged.tree().total[0] == expected(MADE[-5:]).total()
    for changes in (
        lambda: reader.delete(key),
        lambda: reader.profile(key),
        reader.compact,
        lambda: sweep(reader.catalog, reader.files, LATER),
        lambda: check(reader.catalog, reader.files),
        lambda: repair(reader.catalog, reader.files),
    ):
        with pytest.raises(UnavailableError, match="s3://profiles"):
            changes()
    tell(s3_endpoint(), NOTHING)
    assert reader.merge(WHOLE).missing == []
    assert stacks_of(reader.merge(WHOLE).tree()) == expected(MADE)


def test_what_comes_too_late_is_named_and_there_for_the_next_question(
    on_s3: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_module, "FETCH_S", 0.3)
    monkeypatch.setattr(objects_module, "PAUSE_S", 1)
    fill(on_s3, MADE, rounds=2)
    reader = elsewhere(on_s3, tmp_path)
    tell(s3_endpoint(), Fault(delay_s=1.5))
    begin = time.monotonic()
    assert reader.merge(WHOLE).missing != []
    assert time.monotonic() - begin < 10
    tell(s3_endpoint(), NOTHING)
    deadline = time.monotonic() + 60
    while reader.merge(WHOLE).missing:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert stacks_of(reader.merge(WHOLE).tree()) == expected(MADE)


def test_a_disk_without_room_for_copies_is_said_and_nothing_is_believed_to_be_lost(
    store: Store, small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(objects_module, "PAUSE_S", 0)
    fill(store, MADE, rounds=2)
    reader = make_object_store(small_disk, far(store).bucket.address)
    (small_disk / "full").write_bytes(bytes(250 * 1024))
    assert reader.merge(WHOLE).missing != []
    assert "No space left on device" in caplog.text
    with pytest.raises(UnavailableError, match="No space left"):
        reader.delete(MADE[0].kept().key)
    assert list((small_disk / "cache").glob("*.tmp")) == []
    (small_disk / "full").unlink()
    assert stacks_of(reader.merge(WHOLE).tree()) == expected(MADE)
