"""Making the best of what the server lost: rollups from samples again, names from profiles that still wait."""

from dataclasses import replace

from profiler.store.catalog import Catalog
from profiler.store.clickhouse.check import Compared, Difference, compare, within
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.feeder import Feeder
from profiler.store.compactor import ROUND
from profiler.store.kinds import TIERS


def mend(catalog: Catalog, connection: Connection) -> Compared:
    """What is wrong still is said to be. Raises OvertakenError and UnavailableError: then do it again.

    Nothing may be deleted meanwhile: `catalog/checking.py` sees to that.
    """
    found = compare(catalog, connection)
    # One that remembers nothing sends all names of what waits: whatever the server had of them.
    feeder = Feeder(catalog, connection)
    while feeder.feed(ROUND):
        pass
    for each in compare(catalog, connection).differences:
        if each.made_of:
            _put_right(connection, each)
    left = compare(catalog, connection)
    still = {(each.kind, each.day, each.subject) for each in left.differences}
    gone = [each for each in found.differences if (each.kind, each.day, each.subject) not in still]
    done = [replace(each, repair="put right") for each in gone]
    lost = [replace(each, repair="can't be had again") for each in left.differences]
    return replace(left, differences=[*done, *lost])


def _put_right(connection: Connection, wrong: Difference) -> None:
    """Rollups are sums: what is lacking is added, and what is too much added as its negative.

    Both are read at once, so that doing it twice adds nothing the second time.
    """
    tier = next(tier for tier in TIERS if tier.kind == wrong.kind)
    database, its = connection.address.database, f"subject = {wrong.subject} AND {within(wrong.day)}"
    names = ", ".join(tier.columns)
    rounded = ", ".join(f"ts - ts % {tier.step_ms}" if name == "ts" else name for name in tier.columns)
    connection.command(
        f"INSERT INTO {database}.{tier.kind} ({names}, value) SELECT {names}, sum(more) AS value FROM ("  # noqa: S608
        f"SELECT {names}, -value AS more FROM {database}.{tier.kind} WHERE {its} "
        f"UNION ALL SELECT {rounded}, value FROM {database}.{wrong.made_of} WHERE {its}"
        f") GROUP BY {names} HAVING value != 0"
    )
