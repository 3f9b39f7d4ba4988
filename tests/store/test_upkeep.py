"""Merging levels, retention, deletion and sweeping change files, and never what is true."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from profiler.core.identity import frame_hash
from profiler.models import StoreSegment
from profiler.store.errors import OvertakenError, StoreError
from profiler.store.kinds import DAY, HOUR, RAW, TIERS
from profiler.store.levels import merge_level
from profiler.store.one import find
from profiler.store.questions import MAX_BUCKETS
from profiler.store.retention import ABANDONED_S, GRACE, KEPT_DAYS, expire, sweep
from profiler.store.store import Store
from tests.store.fleet import DAY_S, MIDNIGHT_S, NOW_MS, expected, fill, make_store, question, recordings, stacks_of

pytestmark = pytest.mark.django_db
MADE = recordings(60, seed=2)
LATER = datetime.now(UTC) + GRACE + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make_store(tmp_path)


def listed(kind: str) -> int:
    return StoreSegment.objects.filter(kind=kind, unlisted_at=None).count()


def files(store: Store) -> set[str]:
    return {str(path.relative_to(store.files.root)) for path in store.files.root.glob("*/*")}


def same_everywhere(store: Store) -> None:
    for begin_s, end_s in [(0, 2 * DAY_S), (3_000, 90_000), (7_200, 10_800), (500, 1_700)]:
        asked = question("", begin_s, end_s)
        assert stacks_of(store.merge(asked).tree()) == expected(MADE, begin_s, end_s)


def test_levels_merge_until_there_are_few_and_say_the_same(store: Store) -> None:
    fill(store, MADE, rounds=9, hot=5)
    before = listed(RAW.kind)
    while merge_level(store.catalog, store.files, fanout=3):
        same_everywhere(store)
    assert all(listed(kind) < before / 2 for kind in (RAW.kind, HOUR.kind, "hdr", "nodes", "frames"))
    fill(store, recordings(5, seed=3))
    assert store.merge(question()).tree().total[0] == expected([*MADE, *recordings(5, seed=3)]).total()


def test_unlisted_files_go_after_a_while_and_nothing_else_does(store: Store) -> None:
    fill(store, MADE, rounds=4)
    before = files(store)
    while merge_level(store.catalog, store.files, fanout=4):
        pass
    assert before < files(store), "a question may be reading them"
    assert sweep(store.catalog, store.files, datetime.now(UTC)) == 0
    listed_now = set(StoreSegment.objects.filter(unlisted_at=None).values_list("path", flat=True))
    assert sweep(store.catalog, store.files, LATER) == len(before - listed_now) > 0
    assert files(store) == listed_now
    same_everywhere(store)


def test_what_a_killed_compaction_left_is_deleted_an_hour_later(store: Store) -> None:
    fill(store, MADE[:10])
    folder = next(store.files.root.glob("????-??-??"))
    for name in ("raw-1.parquet", "raw-2.parquet.tmp", "raw-3.parquet"):
        (folder / name).write_bytes(b"half")
    old = time.time() - ABANDONED_S - 10
    for name in ("raw-1.parquet", "raw-2.parquet.tmp"):
        os.utime(folder / name, (old, old))
    assert sweep(store.catalog, store.files, LATER) == 2
    assert (folder / "raw-3.parquet").exists(), "it may be listed in a moment"


def test_old_days_are_kept_in_coarser_steps_and_then_not_at_all(store: Store) -> None:
    fill(store, MADE, rounds=2)
    today = MIDNIGHT_S // DAY_S
    assert expire(store.catalog, today) == 0
    assert expire(store.catalog, today + KEPT_DAYS[RAW.kind] + 2) > 0
    merged = store.merge(question("", 3_000, 90_000))
    assert stacks_of(merged.tree()) == expected(MADE, 0, 90_000)
    assert merged.rounded_ms == HOUR.step_ms
    expire(store.catalog, today + KEPT_DAYS[HOUR.kind] + 2)
    assert stacks_of(store.merge(question("", 3_000, 90_000)).tree()) == expected(MADE)
    expire(store.catalog, today + KEPT_DAYS[DAY.kind] + 2)
    assert store.merge(question()).tree().total[0] == 0
    sweep(store.catalog, store.files, LATER)
    assert files(store) == set()


@pytest.mark.parametrize("hot", [0, 60], ids=["compacted", "hot"])
def test_a_deleted_profile_is_gone_from_every_tier_and_does_not_come_back(store: Store, hot: int) -> None:
    fill(store, MADE, rounds=3 if not hot else 1, hot=hot)
    gone, rest = MADE[7], [*MADE[:7], *MADE[8:]]
    assert store.delete(gone.kept().key)
    assert store.append([gone.kept()], NOW_MS) == 0
    for begin_s, end_s in [(0, 2 * DAY_S), (0, DAY_S), (3_000, 90_000), (gone.at_s - 100, gone.at_s + 100)]:
        assert stacks_of(store.merge(question("", begin_s, end_s)).tree()) == expected(rest, begin_s, end_s)
    assert store.series(question(), DAY_S * 1000).profiles.sum() == len(rest)
    assert not store.delete(gone.kept().key)
    while merge_level(store.catalog, store.files, fanout=2):
        pass
    assert stacks_of(store.merge(question()).tree()) == expected(rest)


def test_one_profile_can_be_found_and_read(store: Store) -> None:
    fill(store, MADE, rounds=3)
    place = find(store.catalog, store.files, MADE[3].kept().key)
    assert place is not None
    assert place.value.sum() == sum(MADE[3].stacks.values())
    assert place.ts_ms == MADE[3].kept().ts_ms
    assert find(store.catalog, store.files, 12345) is None


def test_deleting_a_hot_profile_overtakes_the_compaction_that_read_it(store: Store) -> None:
    fill(store, MADE[:5], hot=5)
    read = store.catalog.oldest_hot(10)
    store.delete(MADE[0].kept().key)
    with pytest.raises(OvertakenError):
        store.catalog.commit(read.generation, hot=[row.id for row in read.hot])


@pytest.mark.parametrize("step_s", [600, 3600, 1000], ids=["ten minutes", "hours", "no tier"])
def test_every_functions_series_is_what_ran_through_it(store: Store, step_s: int) -> None:
    fill(store, MADE, rounds=2, hot=7)
    begin_s, end_s = 36_000, 36_000 + 90 * step_s
    found = store.functions(question("", begin_s, end_s), step_s * 1000, top=100)
    assert len(found.frames) > 3
    for row, frame in enumerate(found.frames):
        for bucket in range(found.total.shape[1]):
            within = expected(MADE, begin_s + bucket * step_s, begin_s + (bucket + 1) * step_s)
            assert found.total[row, bucket] == sum(v for stack, v in within.items() if frame.name in stack)
            assert found.own[row, bucket] == sum(v for stack, v in within.items() if frame.name == stack[-1])
    totals = found.total.sum(axis=1)
    assert (np.diff(totals) <= 0).all()
    assert len({frame_hash(frame) for frame in found.frames}) == len(found.frames)


def test_too_many_buckets_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=rf"MAX_BUCKETS \({MAX_BUCKETS}\)"):
        store.functions(question(), 1000)


def test_every_tier_holds_the_same_total(store: Store) -> None:
    fill(store, MADE, rounds=2)
    sql = "SELECT sum(value)::BIGINT AS total FROM read_parquet(?)"
    totals = set()
    for tier in TIERS:
        paths = StoreSegment.objects.filter(kind=tier.kind).values_list("path", flat=True)
        found = store.files.engine.query(sql, [[str(store.files.root / path) for path in paths]])
        totals.add(int(found["total"][0]))
    assert totals == {expected(MADE).total()}
