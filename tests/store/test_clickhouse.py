"""What is ClickHouse's own: batches that are sent again, a server that is away, partitions, a cluster's SQL."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from profiler.catalog.django import DjangoCatalog
from profiler.models import StoreHot, StoreSegment
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.partitions import drop_unlisted
from profiler.store.clickhouse.schema import statements
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.errors import OvertakenError, StoreError, UnavailableError
from profiler.store.kinds import FRAMES, HEADERS, RAW, TIERS
from profiler.store.retention import GRACE, KEPT_DAYS
from tests.store.backends import make_clickhouse
from tests.store.fleet import DAY_S, MIDNIGHT_S, NOW_MS, expected, fill, question, recordings, stacks_of

pytestmark = pytest.mark.django_db
MADE = recordings(40, seed=7)
RANGES = [(0, 2 * DAY_S), (3_000, 90_000), (7_200, 10_800)]


@pytest.fixture
def store(tmp_path: Path) -> ClickHouseStore:
    return make_clickhouse(tmp_path)


def says_the_same(store: ClickHouseStore) -> None:
    for begin_s, end_s in RANGES:
        merged = store.merge(question("", begin_s, end_s))
        assert stacks_of(merged.tree()) == expected(MADE, begin_s, end_s)
    assert store.series(question(), DAY_S * 1000).profiles.sum() == len(MADE)


def rows(store: ClickHouseStore, kind: str) -> int:
    sql = f"SELECT count() AS n FROM {store.connection.address.database}.{kind}"  # noqa: S608
    return int(store.connection.query(sql)["n"][0])


# ── sent again ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("sent", [RAW.kind, HEADERS, "all"])
def test_a_batch_that_broke_off_is_sent_again_and_counts_once(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    """Killed after an insert arrived, or between the last one and the commit."""
    store.append([one.kept() for one in MADE], NOW_MS)
    insert = Connection.insert

    def breaks_off(self: Connection, table: str, columns: pa.Table, token: str = "") -> None:
        insert(self, table, columns, token)
        if table == sent:
            raise UnavailableError("gone")

    def overtaken(*arguments: object, **more: object) -> None:
        raise OvertakenError("somebody else")

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "insert", breaks_off)
        if sent == "all":
            patched.setattr(store.catalog, "commit", overtaken)
        with pytest.raises(StoreError):
            store.compact()
    assert rows(store, RAW.kind) > 0
    # A batch is as it was, whatever came since.
    assert store.compact(limit=1) == len(MADE)
    assert StoreHot.objects.count() == 0
    says_the_same(store)


def test_a_rollup_that_an_insert_did_not_reach_is_made_when_it_is_sent_again(store: ClickHouseStore) -> None:
    """The server died between the rows and what a view makes of them."""
    fill(store, MADE[:5])
    connection, database = store.connection, store.connection.address.database
    table = pa.table({"subject": [1], "ts": [NOW_MS], "series": [1], "stack": pa.array([7], pa.uint64()), "value": [5]})
    feeds = [statement for statement in statements(connection.address) if "MATERIALIZED" in statement]
    before = rows(store, "r1h")
    connection.command(f"DROP VIEW {database}.r1h_feed")
    connection.insert(RAW.kind, table, "token")
    for statement in feeds:
        connection.command(statement)
    assert rows(store, "r1h") == before
    connection.insert(RAW.kind, table, "token")
    sql = f"SELECT sum(value) AS n FROM {database}.{{}} WHERE stack = 7"  # noqa: S608
    assert {int(connection.query(sql.format(tier.kind))["n"][0]) for tier in TIERS} == {5}


def test_while_a_batch_is_on_its_way_nothing_counts_twice(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, MADE[:20])
    store.append([one.kept() for one in MADE[20:]], NOW_MS)
    seen: list[int] = []
    insert = Connection.insert

    def asked_between(self: Connection, table: str, columns: pa.Table, token: str = "") -> None:
        insert(self, table, columns, token)
        seen.append(int(store.merge(question()).tree().total[0]))

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "insert", asked_between)
        store.compact()
    assert seen
    assert set(seen) <= {expected(MADE[:20]).total(), expected(MADE).total()}
    says_the_same(store)


@pytest.mark.parametrize("kind", [RAW.kind, HEADERS])
def test_a_deletion_that_broke_off_takes_away_once(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    fill(store, MADE)
    command = Connection.command

    def breaks_off(self: Connection, sql: str, *arguments: object, **settings: object) -> None:
        if sql.startswith("DELETE") and f".{kind} " in sql:
            raise UnavailableError("gone")
        command(self, sql, *arguments, **settings)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "command", breaks_off)
        with pytest.raises(UnavailableError):
            store.delete(MADE[3].kept().key)
    assert store.delete(MADE[3].kept().key)
    rest = [*MADE[:3], *MADE[4:]]
    for begin_s, end_s in RANGES:
        assert stacks_of(store.merge(question("", begin_s, end_s)).tree()) == expected(rest, begin_s, end_s)


def test_many_are_deleted_with_one_change_of_each_table(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, MADE, hot=5)
    changes: list[str] = []
    command = Connection.command

    def counted(self: Connection, sql: str, *arguments: object, **settings: object) -> None:
        changes.append(sql)
        command(self, sql, *arguments, **settings)  # type: ignore[arg-type]

    gone = MADE[::2]
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "command", counted)
        assert store.delete_all([one.kept().key for one in gone]) == len(gone)
    days = {int(one.at_s // DAY_S) for one in gone}
    assert len(changes) == 4 * len(days)
    for begin_s, end_s in RANGES:
        assert stacks_of(store.merge(question("", begin_s, end_s)).tree()) == expected(MADE[1::2], begin_s, end_s)
    assert store.delete_all([one.kept().key for one in gone]) == 0


def test_deletions_that_broke_off_are_done_again_in_other_company(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of a batch were taken out of some rollups; the next batch has others too."""
    fill(store, MADE)
    insert, sent = Connection.insert, 0

    def breaks_off(self: Connection, table: str, columns: pa.Table, token: str = "") -> None:
        nonlocal sent
        sent += 1
        if sent > 10:
            raise UnavailableError("gone")
        insert(self, table, columns, token)

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "insert", breaks_off)
        with pytest.raises(UnavailableError):
            store.delete_all([one.kept().key for one in MADE[:8]])
    monkeypatch.setattr("profiler.store.clickhouse.store.DELETE_AT_ONCE", 5)
    assert store.delete_all([one.kept().key for one in MADE[:14]]) == 14
    for begin_s, end_s in RANGES:
        assert stacks_of(store.merge(question("", begin_s, end_s)).tree()) == expected(MADE[14:], begin_s, end_s)


def test_deleting_what_is_on_its_way_finishes_the_batch_first(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append([one.kept() for one in MADE], NOW_MS)
    with monkeypatch.context() as patched:
        patched.setattr(store.catalog, "commit", lambda *a, **k: (_ for _ in ()).throw(OvertakenError("later")))
        with pytest.raises(OvertakenError):
            store.compact()
    assert store.delete(MADE[0].kept().key)
    assert stacks_of(store.merge(question()).tree()) == expected(MADE[1:])


# ── partitions ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_days_past_their_time_leave_the_server_a_while_after_the_catalog(store: ClickHouseStore) -> None:
    fill(store, MADE)
    store.expire(datetime.fromtimestamp(MIDNIGHT_S, UTC) + timedelta(days=KEPT_DAYS[RAW.kind] + 2))
    assert rows(store, RAW.kind) > 0, "a question may be reading them"
    later = datetime.now(UTC) + GRACE + timedelta(hours=1)
    assert drop_unlisted(store.catalog, store.connection, later) > 0
    assert rows(store, RAW.kind) == 0
    assert rows(store, "r1h") > 0
    assert stacks_of(store.merge(question()).tree()) == expected(MADE), "whole days and hours say the same as before"
    StoreSegment.objects.filter(unlisted_at=None).update(unlisted_at=datetime.now(UTC))
    drop_unlisted(store.catalog, store.connection, later + timedelta(days=500))
    assert rows(store, FRAMES) == 0, "names go when nothing is left that has them"


# ── a server that is away, addresses, a cluster ─────────────────────────────────────────────────────────────────────
def test_without_a_server_profiles_are_kept_and_the_error_says_where_it_should_be(tmp_path: Path) -> None:
    store = ClickHouseStore(DjangoCatalog(), tmp_path, Address.parse("clickhouse://127.0.0.1:1/webprof"))
    store.append([one.kept() for one in MADE], NOW_MS)
    says_the_same(store)
    with pytest.raises(UnavailableError, match=r"ClickHouse at 127.0.0.1:1"):
        store.compact()
    assert StoreHot.objects.count() == len(MADE)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://host/db", "expected clickhouse://"),
        ("clickhouse:///db", "expected clickhouse://"),
        ("clickhouse://u:secret@host/a-b", "'a-b' may have letters"),
        ("clickhouse://u:secret@host/db?cluster=a;b", "letters"),
        ("clickhouse://u:secret@host/db?shards=2", "unknown option 'shards'"),
    ],
)
def test_an_address_that_can_not_be_is_refused_without_showing_the_password(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as refused:
        Address.parse(url)
    assert "secret" not in str(refused.value)


def test_an_address_has_all_its_parts() -> None:
    found = Address.parse("clickhouses://me:p%40ss@db.example:9000/prof?cluster=main&ca=/etc/ca.pem")
    assert (found.user, found.password, found.port, found.secure) == ("me", "p@ss", 9000, True)
    assert (found.database, found.cluster, found.ca) == ("prof", "main", "/etc/ca.pem")
    assert "p@ss" not in repr(found)
    assert Address.parse("clickhouse://h").port == 8123


def test_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p@ss word\n")
    assert Address.parse(f"clickhouse://me@h?password_file={secret}").password == "p@ss word"
    with pytest.raises(StoreError, match=r"no password in password_file '/nowhere'"):
        Address.parse("clickhouse://me@h?password_file=/nowhere")
