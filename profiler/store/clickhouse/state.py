"""How the server is: what it holds, whether it keeps up. One look takes milliseconds; one that is away, PATIENCE_S."""

from collections.abc import Sequence
from dataclasses import dataclass

from profiler.core.range_cover import DAY_MS
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.schema import EPOCH_DAYS, stored_name
from profiler.store.errors import UnavailableError
from profiler.store.held import Held
from profiler.store.kinds import FRAMES, HEADERS, LOSSES, NODES, TIERS, TIMES

# A person waits for the page.
PATIENCE_S = 3
KINDS = (*(tier.kind for tier in TIERS), HEADERS, LOSSES, TIMES, NODES, FRAMES)


@dataclass(frozen=True)
class ServerState:
    """`problem`: why nothing more is known; empty when the server answered. Bytes are compressed.

    `free` and `total` are of its disks, `mutations` the deletions and drops that it has not done yet, `newest_ms` when
    the latest profile there began (Unix ms). Of clusters: `behind_s` is how far the slowest replica is behind,
    `read_only` how many replicas take no rows.
    """

    name: str
    problem: str = ""
    version: str = ""
    tables: Sequence[Held] = ()
    free: int = 0
    total: int = 0
    mutations: int = 0
    behind_s: int = 0
    read_only: int = 0
    newest_ms: int | None = None


def server_state(address: Address) -> ServerState:
    """Never raises: a server that is away is a state."""
    connection = Connection(address, PATIENCE_S)
    try:
        return _asked(connection)
    except UnavailableError as error:
        return ServerState(str(address), problem=str(error))


def _asked(connection: Connection) -> ServerState:
    at = connection.address
    disks = connection.query(
        f"SELECT version() AS version, sum(free_space) AS free, sum(total_space) AS total FROM {_system('disks', at)}"  # noqa: S608
    )
    ours = {"database": at.database}
    mutations = connection.query(
        f"SELECT count() AS n FROM {_system('mutations', at)} WHERE database = {{database:String}} AND NOT is_done",  # noqa: S608
        ours,
    )
    replicas = connection.query(
        f"SELECT max(absolute_delay) AS behind, countIf(is_readonly) AS stuck "  # noqa: S608 our own names
        f"FROM {_system('replicas', at, all_of=True)} WHERE database = {{database:String}}",
        ours,
    )
    tables = _tables(connection)
    return ServerState(
        name=str(at),
        version=str(disks["version"][0]),
        tables=tables,
        free=int(disks["free"][0]),
        total=int(disks["total"][0]),
        mutations=int(mutations["n"][0]),
        behind_s=int(replicas["behind"][0]),
        read_only=int(replicas["stuck"][0]),
        newest_ms=_newest(connection, tables),
    )


def _newest(connection: Connection, tables: Sequence[Held]) -> int | None:
    """From the last day alone."""
    last = next((held.last_day for held in tables if held.kind == HEADERS), None)
    if last is None:
        return None
    sql = f"SELECT max(ts) AS newest FROM {connection.address.database}.{HEADERS} WHERE ts >= {last * DAY_MS}"  # noqa: S608
    return int(connection.query(sql)["newest"][0]) or None


def _tables(connection: Connection) -> list[Held]:
    """Largest first. Dictionaries are kept by epochs of days."""
    at = connection.address
    kinds = {stored_name(kind, at): kind for kind in KINDS}
    found = connection.query(
        f"SELECT table, count() AS parts, sum(rows) AS held, sum(bytes_on_disk) AS size, "  # noqa: S608 our own names
        f"min(toInt64OrZero(partition)) AS first, max(toInt64OrZero(partition)) AS last FROM {_system('parts', at)} "
        "WHERE active AND database = {database:String} GROUP BY table ORDER BY size DESC",
        {"database": at.database},
    )
    names = ("table", "parts", "held", "size", "first", "last")
    held = []
    for table, parts, rows, size, first, last in zip(*(found[name].tolist() for name in names), strict=True):
        if table in kinds:
            days = EPOCH_DAYS if kinds[table] in (NODES, FRAMES) else 1
            held.append(Held(kinds[table], parts, rows, size, first * days, (last + 1) * days - 1))
    return held


def _system(table: str, at: Address, *, all_of: bool = False) -> str:
    """A table about the server: on a cluster of one replica of each shard, or of all replicas."""
    if not at.cluster:
        return f"system.{table}"
    return f"{'clusterAllReplicas' if all_of else 'cluster'}('{at.cluster}', system.{table})"
