"""A cluster, as far as one engine can be one: distributed tables before local ones, and SQL that its parser takes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from profiler.catalog.django import DjangoCatalog
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.check import compare
from profiler.store.clickhouse.schema import statements
from profiler.store.clickhouse.state import server_state
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.errors import OvertakenError
from profiler.store.kinds import TIERS
from tests.store.backends import clickhouse_url, make_clickhouse
from tests.store.clickhouse_front import CLUSTER
from tests.store.fleet import NOW_MS, expected, fill, question, stacks_of
from tests.store.test_clickhouse import MADE, RANGES, says_the_same

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(tmp_path: Path) -> ClickHouseStore:
    """Of one engine: distributed tables in front of local ones that are not replicated."""
    address = Address.parse(f"{clickhouse_url()}?cluster={CLUSTER}")
    return ClickHouseStore(DjangoCatalog(), tmp_path, address)


def test_a_clusters_distributed_tables_say_the_same(cluster: ClickHouseStore) -> None:
    fill(cluster, MADE, rounds=2)
    engines = cluster.connection.query(
        "SELECT DISTINCT engine FROM system.tables WHERE database = {name:String}",
        {"name": cluster.connection.address.database},
    )
    assert "Distributed" in engines["engine"].tolist()
    says_the_same(cluster)
    minute = cluster.heatmap(question("", MADE[0].at_s, MADE[0].at_s + 60), 20, 1000)
    assert minute.untimed == sum(sum(one.stacks.values()) for one in MADE if abs(one.at_s - MADE[0].at_s - 25) <= 35)
    assert compare(cluster.catalog, cluster.connection).differences == []
    assert server_state(cluster.connection.address).tables
    assert cluster.delete_all([one.kept().key for one in MADE[:9]]) == 9
    for begin_s, end_s in RANGES:
        assert stacks_of(cluster.merge(question("", begin_s, end_s)).tree()) == expected(MADE[9:], begin_s, end_s)


def test_a_batch_that_is_sent_again_through_distributed_tables_counts_once(
    cluster: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.append([one.kept() for one in MADE], NOW_MS)
    with monkeypatch.context() as patched:
        patched.setattr(cluster.catalog, "commit", lambda *a, **k: (_ for _ in ()).throw(OvertakenError("later")))
        with pytest.raises(OvertakenError):
            cluster.compact()
    cluster.compact()
    says_the_same(cluster)


@pytest.fixture
def is_sql(tmp_path: Path) -> Callable[[str], None]:
    """The engine's own parser."""
    store = make_clickhouse(tmp_path)

    def check(sql: str) -> None:
        store.connection.query("SELECT formatQuery({sql:String}) AS sql", {"sql": sql})

    return check


def test_a_clusters_tables_are_replicated_and_spread(is_sql: Callable[[str], None]) -> None:
    """No cluster can be had here: that its SQL is SQL, and says what it should."""
    made = list(statements(Address.parse("clickhouse://h/prof?cluster=main")))
    for statement in made:
        is_sql(statement)
        assert "ON CLUSTER main" in statement
    stored = [statement for statement in made if "_local ON CLUSTER" in statement and "PARTITION BY" in statement]
    spread = [statement for statement in made if "ENGINE = Distributed(main, prof," in statement]
    assert len(stored) == len(spread) == len([s for s in made if s.startswith("CREATE TABLE")]) / 2
    assert all("ENGINE = Replicated" in statement and "{replica}" in statement for statement in stored)
    assert all("replicated_deduplication_window = " in statement for statement in stored)
    feeds = [statement for statement in made if "MATERIALIZED VIEW" in statement]
    assert all("FROM prof.raw_local" in statement for statement in feeds)
    assert len(feeds) == len(TIERS) - 1
