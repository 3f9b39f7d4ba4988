"""`manage.py store check` where a server has the sums: what it finds, what it puts right, what it only can say."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from profiler.catalog.checking import checked
from profiler.store.clickhouse.check import compare
from profiler.store.clickhouse.repair import mend
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.errors import OvertakenError
from profiler.store.kinds import DAY, FRAMES, HEADERS, HOUR, NODES, RAW, TEN_MINUTES
from tests.store.backends import make_clickhouse
from tests.store.fleet import DAY_S, MIDNIGHT_S, NOW_MS, expected, fill, question, recordings, stacks_of

pytestmark = pytest.mark.django_db
# What only the server has is damaged; the tests without it ask the catalog what these ask.
OF_THE_SERVER = pytest.mark.any_database
MADE = recordings(40, seed=7)
FIRST = MIDNIGHT_S // DAY_S
ON_THE_FIRST = f"(intDiv(ts, {DAY_S * 1000}) = {FIRST})"
# By way of days; then by way of hours, ten minutes and profiles too.
RANGES = [(0, 2 * DAY_S), (3_001, 100_003)]


@pytest.fixture
def store(tmp_path: Path) -> ClickHouseStore:
    store = make_clickhouse(tmp_path)
    fill(store, MADE)
    return store


def sql(store: ClickHouseStore, kind: str, statement: str) -> None:
    """`$` is the table."""
    table = f"{store.connection.address.database}.{kind}"
    store.connection.command(statement.replace("$", table), lightweight_deletes_sync=2, mutations_sync=2)


def problems(store: ClickHouseStore) -> list[tuple[str, bool]]:
    """Kind, and whether it can be put right."""
    return [(each.kind, bool(each.made_of)) for each in compare(store.catalog, store.connection).differences]


def says_the_same(store: ClickHouseStore) -> None:
    for begin_s, end_s in RANGES:
        assert stacks_of(store.merge(question("", begin_s, end_s)).tree()) == expected(MADE, begin_s, end_s)


def test_what_was_sent_and_compacted_is_right(store: ClickHouseStore) -> None:
    found = compare(store.catalog, store.connection)
    assert (found.days, found.differences, found.absent) == (2, [], {})


@OF_THE_SERVER
def test_rollups_are_put_right_with_the_samples(store: ClickHouseStore) -> None:
    """Values that are missing, a day that is, some that came twice, and others than they were."""
    sql(store, DAY.kind, "DELETE FROM $ WHERE ts % 2 = 0")
    sql(store, HOUR.kind, f"ALTER TABLE $ DROP PARTITION {FIRST}")
    sql(store, TEN_MINUTES.kind, f"INSERT INTO $ SELECT * FROM $ WHERE {ON_THE_FIRST} LIMIT 3")  # noqa: S608 our own
    sql(store, TEN_MINUTES.kind, f"ALTER TABLE $ UPDATE value = value + 1 WHERE NOT {ON_THE_FIRST}")
    assert set(problems(store)) == {(kind, True) for kind in (DAY.kind, HOUR.kind, TEN_MINUTES.kind)}
    done = mend(store.catalog, store.connection)
    assert {each.repair for each in done.differences} == {"put right"}
    assert problems(store) == []
    says_the_same(store)
    mend(store.catalog, store.connection)
    says_the_same(store)


@OF_THE_SERVER
def test_values_of_the_wrong_stack_are_found(store: ClickHouseStore) -> None:
    moved = """
        INSERT INTO $ SELECT subject, ts, series, stack + step, if(step = 1, 5, -5)
        FROM (SELECT * FROM $ WHERE value > 5 ORDER BY ALL LIMIT 1) ARRAY JOIN [0, 1] AS step"""
    sql(store, HOUR.kind, moved)
    assert problems(store) == [(HOUR.kind, True)]
    mend(store.catalog, store.connection)
    says_the_same(store)


@OF_THE_SERVER
def test_lost_samples_are_named_and_rollups_that_still_have_them_stay(store: ClickHouseStore) -> None:
    sql(store, RAW.kind, f"ALTER TABLE $ DROP PARTITION {FIRST}")
    assert set(problems(store)) == {(RAW.kind, False)}
    done = mend(store.catalog, store.connection)
    assert {each.repair for each in done.differences} == {"can't be had again"}
    assert "raw of 2026-05-27 (" in str(done.differences[0])
    assert stacks_of(store.merge(question()).tree()) == expected(MADE)


@OF_THE_SERVER
def test_lost_headers_are_named(store: ClickHouseStore) -> None:
    sql(store, HEADERS, f"ALTER TABLE $ DROP PARTITION {FIRST}")
    assert (HEADERS, False) in problems(store)
    assert any("none is there of" in str(each) for each in compare(store.catalog, store.connection).differences)


@OF_THE_SERVER
@pytest.mark.parametrize("kind", [NODES, FRAMES])
def test_lost_names_come_back_with_what_still_waits(store: ClickHouseStore, kind: str) -> None:
    """The same program goes on running: its next profiles have most of its names."""
    sql(store, kind, "TRUNCATE TABLE $")
    assert {found for found, _ in problems(store)} == {kind}
    again = recordings(300, seed=8)
    store.append([one.kept() for one in again], NOW_MS)
    mend(store.catalog, store.connection)
    names = stacks_of(make_again(store).merge(question()).tree())
    right = expected([*MADE, *again])
    assert names.total() == right.total()
    known = {stack for one in again for stack in one.stacks}
    assert all(names[stack] == right[stack] for stack in known if stack not in {s for one in MADE for s in one.stacks})


def make_again(store: ClickHouseStore) -> ClickHouseStore:
    """Without what this process remembers."""
    return ClickHouseStore(store.catalog, Path("/nonexistent"), store.connection.address)


def test_deleted_profiles_are_told_and_are_no_damage(store: ClickHouseStore) -> None:
    assert store.delete_all([one.kept().key for one in MADE[:3]]) == 3
    report = checked(store, mending=False)
    assert report.findings == []
    assert sum(int(note.split()[0]) for note in report.notes) == 3


def test_while_batches_are_on_their_way_nothing_is_compared(store: ClickHouseStore) -> None:
    store.append([one.kept() for one in recordings(3, seed=11)], NOW_MS)
    waiting = store.catalog.oldest_hot(3)
    store.catalog.claim(waiting.generation, waiting.hot, 77)
    with pytest.raises(OvertakenError, match="stop the worker"):
        compare(store.catalog, store.connection)


def test_the_command_says_what_is_wrong_and_repairs_it(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("profiler.management.commands.store.local_store", lambda: store)
    call_command("store", "check")
    assert "2 days, 0 damaged" in capsys.readouterr().out
    sql(store, DAY.kind, "TRUNCATE TABLE $")
    with pytest.raises(CommandError, match="--repair"):
        call_command("store", "check")
    assert "r1d of 2026-05-27 (web): values are 0, raw has " in capsys.readouterr().out
    call_command("store", "check", "--repair")
    assert "put right" in capsys.readouterr().out
    says_the_same(store)
