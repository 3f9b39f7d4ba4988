"""Objects that are lost, cut, overwritten or too large: named, the rest answers, and repaired where that can be."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from profiler.models import StoreSegment
from profiler.store.check import RESTORED, check, repair
from profiler.store.errors import StoreError, UnavailableError
from profiler.store.kinds import DAY, RAW
from profiler.store.objects.bucket import ASIDE, MARKER
from profiler.store.objects.objects import file_name, name_of
from profiler.store.retention import GRACE, sweep
from profiler.store.store import Store
from tests.store.backends import make_memory_store
from tests.store.fleet import DAY_S, expected, fill, make_store, question, recordings, stacks_of
from tests.store.objects.helpers import elsewhere, far, overwrite, path_of, paths

# test_moving.py asks the catalog more.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MADE = recordings(40, seed=13, days=1)
WHOLE = question(end_s=DAY_S)
LATER = datetime.now(UTC) + GRACE


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = make_memory_store(tmp_path)
    fill(store, MADE, rounds=2)
    return store


def spoil(store: Store, path: str, how: str) -> None:
    size = StoreSegment.objects.get(path=path).bytes
    if how == "missing":
        far(store).bucket.remove(name_of(path))
    else:
        content = {"cut": os.urandom(size // 2), "overwritten": os.urandom(size), "too large": os.urandom(size + 9)}
        overwrite(store, path, content[how])


@pytest.mark.parametrize("how", ["missing", "cut", "overwritten", "too large"])
def test_an_object_that_is_not_what_was_put_there_is_named_and_never_kept(
    store: Store, tmp_path: Path, how: str
) -> None:
    path = path_of(DAY.kind)
    spoil(store, path, how)
    reader = elsewhere(store, tmp_path)
    merged = reader.merge(WHOLE)
    assert merged.missing == [path]
    assert 0 < merged.tree().total[0] < expected(MADE).total()
    assert not far(reader).path(path).exists()
    assert [finding.segment.path for finding in check(reader.catalog, reader.files).findings] == [path]
    with pytest.raises(StoreError, match=file_name(path)):
        reader.files.using([finding.segment for finding in check(reader.catalog, reader.files).findings]).__enter__()


def test_a_lost_rollup_is_made_again_from_objects_and_what_is_there_is_put_aside(store: Store, tmp_path: Path) -> None:
    path = path_of(DAY.kind)
    spoil(store, path, "overwritten")
    reader = elsewhere(store, tmp_path)
    assert [one.repair for one in repair(reader.catalog, reader.files).findings] == ["made again from the raw segments"]
    assert stacks_of(reader.merge(WHOLE).tree()) == expected(MADE)
    assert check(reader.catalog, reader.files).findings == []
    address = far(store).bucket.address
    assert address.open().exists(f"{address.url.partition('://')[2]}/{ASIDE}/{file_name(path)}")


def test_an_object_that_this_machine_still_has_a_copy_of_is_put_there_again(store: Store, tmp_path: Path) -> None:
    path = path_of(RAW.kind)
    spoil(store, path, "missing")
    found = repair(store.catalog, store.files).findings
    assert [(one.repair, one.lost) for one in found] == [(RESTORED, False)]
    reader = elsewhere(store, tmp_path)
    assert check(reader.catalog, reader.files).findings == []
    assert stacks_of(reader.merge(question("", 3_001, 80_003)).tree()) == expected(MADE, 3_001, 80_003)


def test_a_damaged_copy_is_fetched_anew(store: Store) -> None:
    for path in paths():
        copy = far(store).path(path)
        copy.write_bytes(os.urandom(copy.stat().st_size))
    merged = store.merge(WHOLE)
    assert (merged.missing, stacks_of(merged.tree())) == ([], expected(MADE))


def test_the_clean_up_tells_of_lost_objects(store: Store) -> None:
    path = path_of(RAW.kind)
    spoil(store, path, "missing")
    with pytest.raises(StoreError, match=f"1 segments are not in memory://.*{path}"):
        sweep(store.catalog, store.files, LATER)


# ── the wrong place ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_place_of_another_webprof_is_not_used(store: Store, tmp_path: Path) -> None:
    marker = b'{"catalog": "somebody else"}'
    address = far(store).bucket.address
    address.open().pipe_file(f"{address.url.partition('://')[2]}/{MARKER}", marker)
    other = elsewhere(store, tmp_path)
    for look in (
        lambda: check(other.catalog, other.files),
        lambda: sweep(other.catalog, other.files, LATER),
        lambda: put_one(other),
    ):
        with pytest.raises(StoreError, match="belongs to another webprof"):
            look()


def test_a_place_without_a_marker_is_not_believed_to_have_lost_everything(store: Store, tmp_path: Path) -> None:
    """A bucket that was made anew, or a setting with a slip."""
    before = paths(unlisted_at=None)
    wrong = make_memory_store(tmp_path / "wrong")
    for look in (
        lambda: wrong.delete(MADE[0].kept().key),
        lambda: repair(wrong.catalog, wrong.files),
        lambda: put_one(wrong),
        lambda: sweep(wrong.catalog, wrong.files, LATER),
    ):
        with pytest.raises(StoreError, match=f"has no {MARKER}"):
            look()
    assert paths(unlisted_at=None) == before


def test_without_the_setting_objects_are_named_and_nothing_is_repaired_away(store: Store, tmp_path: Path) -> None:
    without = make_store(tmp_path / "without")
    assert path_of(DAY.kind) in without.merge(WHOLE).missing
    with pytest.raises(UnavailableError, match="set WEBPROF_STORE"):
        repair(without.catalog, without.files)
    assert store.merge(WHOLE).missing == []


def put_one(store: Store) -> None:
    fill(store, recordings(1, seed=99, days=1))
