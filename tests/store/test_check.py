"""Damaged, missing and full: the rest still answers, what is lost is named, and nothing is half-written."""

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import OperationalError

from profiler.models import StoreHot, StoreSegment
from profiler.store.check import QUARANTINE, check, repair
from profiler.store.dictionary import LOST
from profiler.store.errors import StoreError
from profiler.store.kinds import DAY, DICTIONARY, LOSSES, RAW, TIMES
from profiler.store.store import Store
from tests.store.fleet import DAY_S, MIDNIGHT_S, NOW_MS, expected, fill, make_store, question, recordings, stacks_of
from tests.store.timed import MADE as TIMED

pytestmark = pytest.mark.django_db
MADE = recordings(60, seed=4, days=1)
MORE = recordings(20, seed=5, days=1)
WHOLE = question(end_s=DAY_S)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = make_store(tmp_path)
    fill(store, MADE, rounds=3)
    return store


def segment(kind: str) -> str:
    """The path of the last one."""
    return StoreSegment.objects.filter(kind=kind, unlisted_at=None).order_by("-id").values_list("path", flat=True)[0]


def from_its_first_profile(path: str) -> tuple[float, float]:
    """A range whose first edge is read from this raw segment, as no rollup begins there."""
    return StoreSegment.objects.get(path=path).t_min / 1000 - MIDNIGHT_S, DAY_S


def corrupt(path: Path) -> None:
    """Overwrite the middle, where the data is; size and footer stay."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 3
    data[4:middle] = os.urandom(middle - 4)
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["missing", "cut", "overwritten"])
def test_an_answer_names_the_segment_it_lacks_and_the_rest_is_there(store: Store, how: str) -> None:
    path = segment(RAW.kind)
    whole = store.files.root / path
    if how == "missing":
        whole.unlink()
    elif how == "cut":
        whole.write_bytes(whole.read_bytes()[:-40])
    else:
        corrupt(whole)
    from_there = from_its_first_profile(path)
    merged = store.merge(question("", *from_there))
    assert merged.missing == [path]
    assert 0 < merged.tree().total[0] < expected(MADE, *from_there).total()
    assert [finding.segment.path for finding in check(store.catalog, store.files).findings] == [path]
    assert stacks_of(store.merge(WHOLE).tree()) == expected(MADE), "days are read from another tier"


@pytest.mark.parametrize("kind", [LOSSES, TIMES])
def test_without_losses_or_times_values_stay_and_the_answer_says_so(tmp_path: Path, kind: str) -> None:
    store = make_store(tmp_path)
    store.append([one.kept() for one in TIMED], NOW_MS)
    store.compact()
    path = segment(kind)
    corrupt(store.files.root / path)
    merged = store.merge(question())
    total = int(merged.tree().total[0])
    assert total == sum(len(one.samples) + one.untimed for one in TIMED)
    if kind == LOSSES:
        assert (merged.missing, merged.tree().quality) == ([path], None)
    else:
        found = store.heatmap(question("", 2 * DAY_S - 60, 2 * DAY_S), 10, 1000)
        assert (list(found.missing), found.counts.sum()) == ([path], 0)
        assert found.untimed > 0
    assert [finding.lost for finding in repair(store.catalog, store.files).findings] == [True]
    assert store.merge(question()).missing == []
    assert store.merge(question()).tree().total[0] == total


def test_a_damaged_rollup_is_made_again(store: Store) -> None:
    path = segment(DAY.kind)
    corrupt(store.files.root / path)
    done = repair(store.catalog, store.files)
    assert [finding.repair for finding in done.findings] == ["made again from the raw segments"]
    merged = store.merge(WHOLE)
    assert (stacks_of(merged.tree()), merged.missing) == (expected(MADE), [])
    assert check(store.catalog, store.files).findings == []
    assert (store.files.root / QUARANTINE / Path(path).name).exists()


def test_lost_samples_are_unlisted_and_rollups_keep_what_they_know(store: Store) -> None:
    path = segment(RAW.kind)
    edges = from_its_first_profile(path)
    (store.files.root / path).unlink()
    done = repair(store.catalog, store.files)
    assert [finding.lost for finding in done.findings] == [True]
    assert stacks_of(store.merge(WHOLE).tree()) == expected(MADE)
    assert store.merge(question("", *edges)).missing == []


@pytest.mark.parametrize("kind", DICTIONARY)
def test_a_damaged_dictionary_costs_names_but_no_value(store: Store, kind: str) -> None:
    path = segment(kind)
    (store.files.root / path).unlink()
    # Another process: this one may know the dictionary by heart.
    store = make_store(store.files.root)
    merged = store.merge(WHOLE)
    tree = merged.tree()
    assert merged.missing == [path]
    assert tree.total[0] == expected(MADE).total()
    assert LOST.name in {frame.name for frame in tree.frames}
    with pytest.raises(StoreError, match="store check --repair"):
        fill(store, MORE)
    repair(store.catalog, store.files)
    store.compactor.compact()
    merged = store.merge(WHOLE)
    found, right = stacks_of(merged.tree()), expected([*MADE, *MORE])
    assert (merged.missing, found.total()) == ([], right.total())
    lost = Counter({path: value for path, value in found.items() if LOST.name in path})
    assert lost.total() > 0
    # What has a name has the right one: ids that were lost are not given to other stacks.
    assert all(found[path] <= right[path] for path in found.keys() - lost.keys())
    assert lost.total() < right.total()


def test_the_command_says_what_is_wrong_and_repairs_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("profiler.management.commands.store.local_store", lambda: store)
    call_command("store", "check")
    assert " 0 damaged" in capsys.readouterr().out
    path = segment(DAY.kind)
    corrupt(store.files.root / path)
    with pytest.raises(CommandError, match="--repair"):
        call_command("store", "check")
    assert f"{path}: damaged: its checksum is another" in capsys.readouterr().out
    call_command("store", "check", "--repair")
    assert "made again" in capsys.readouterr().out
    call_command("store", "status")
    assert "0 profiles wait" in capsys.readouterr().out


def compact_in_small_rounds(store: Store) -> None:
    while store.compactor.compact(limit=10).profiles:
        pass


def test_a_full_disk_stops_compaction_and_loses_nothing(small_disk: Path) -> None:
    store = make_store(small_disk)
    made = recordings(400, seed=6, days=1)
    store.append([one.kept() for one in made], NOW_MS)
    with pytest.raises(OSError, match="No space left"):
        compact_in_small_rounds(store)
    assert 0 < StoreHot.objects.count() < 400
    assert stacks_of(store.merge(WHOLE).tree()) == expected(made)
    assert not list(small_disk.glob("*/*.tmp"))
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    while store.compactor.compact(limit=100).profiles:
        pass
    assert StoreHot.objects.count() == 0
    assert stacks_of(store.merge(WHOLE).tree()) == expected(made)


@pytest.mark.django_db(transaction=True)
def test_a_full_database_refuses_and_what_was_kept_stays(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has a limit that a test can set")
    store = make_store(tmp_path)
    store.append([one.kept() for one in MADE], NOW_MS)
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
        try:
            with pytest.raises(OperationalError, match="full"):
                store.append([one.kept() for one in recordings(500, seed=8, days=1)], NOW_MS)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert StoreHot.objects.count() == len(MADE)
    assert stacks_of(store.merge(WHOLE).tree()) == expected(MADE)
