"""The tables, for one server or spread over a cluster.

Stacks are numbers of content (core/identity.py), so that no dictionary has to give them ids. Sorting raw rows by stack
within an hour is what makes these numbers small: a stack stands beside itself, profile after profile.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from profiler.core.range_cover import DAY_MS, HOUR_MS
from profiler.store.clickhouse.address import Address
from profiler.store.kinds import FRAMES, HEADERS, LOSSES, NODES, RAW, TIERS, TIMES, Tier

# Dictionaries are kept by so many days: a stack that is there every day is stored once in each.
EPOCH_DAYS = 30
# Tokens that a table remembers, so that a batch that is sent again is left out. It is sent again before any other is.
REMEMBERED = 1000
REMEMBERED_S = 7 * 86_400

_ID, _TIME = "Int32 CODEC(T64, ZSTD(1))", "Int64 CODEC(Delta, ZSTD(1))"
_SUM, _CONTENT, _TEXT = "Int64 CODEC(T64, ZSTD(1))", "UInt64 CODEC(ZSTD(1))", "String CODEC(ZSTD(1))"
_WORD = "LowCardinality(String)"
_TYPES = {"subject": _ID, "ts": _TIME, "series": _ID, "stack": _CONTENT, "value": _SUM}
_BY_DAY, _BY_EPOCH = f"intDiv(ts, {DAY_MS})", "epoch"


@dataclass(frozen=True)
class Table:
    """`spread`: what decides which server of a cluster a row is on."""

    name: str
    engine: str
    columns: dict[str, str]
    order: str
    partition: str
    spread: str


def _tier(tier: Tier) -> Table:
    columns = {name: _TYPES[name] for name in (*tier.columns, "value")}
    spread = "cityHash64(subject, series)" if tier.by_series else "cityHash64(subject, stack)"
    if tier is RAW:
        order = f"subject, intDiv(ts, {HOUR_MS}), stack, series, ts"
        return Table(tier.kind, "MergeTree()", columns, order, _BY_DAY, spread)
    order = "subject, ts, stack, series" if tier.by_series else "subject, ts, stack"
    return Table(tier.kind, "SummingMergeTree(value)", columns, order, _BY_DAY, spread)


_OF_SERIES = "cityHash64(subject, series)"
TABLES = (
    *map(_tier, TIERS),
    Table(
        HEADERS,
        "MergeTree()",
        {"subject": _ID, "ts": _TIME, "series": _ID, "duration_ms": _SUM, "total": _SUM, "stacks": _ID, "key": "Int64"},
        "subject, ts, series",
        _BY_DAY,
        _OF_SERIES,
    ),
    Table(
        LOSSES,
        "MergeTree()",
        {"subject": _ID, "ts": _TIME, "series": _ID, "what": _WORD, "reason": _WORD, "amount": _SUM},
        "subject, ts, series",
        _BY_DAY,
        _OF_SERIES,
    ),
    Table(
        TIMES,
        "MergeTree()",
        {"subject": _ID, "ts": _TIME, "series": _ID, "tick": _TIME, "stack": _CONTENT},
        f"subject, intDiv(ts, {HOUR_MS}), stack, series, tick",
        _BY_DAY,
        _OF_SERIES,
    ),
    Table(
        NODES,
        "ReplacingMergeTree()",
        {"epoch": "UInt16", "subject": _ID, "stack": _CONTENT, "parent": _CONTENT, "frame": _CONTENT},
        "subject, stack",
        _BY_EPOCH,
        "cityHash64(subject, stack)",
    ),
    Table(
        FRAMES,
        "ReplacingMergeTree()",
        {
            "epoch": "UInt16", "hash": "UInt64", "name": _TEXT, "kind": "UInt8", "module": _TEXT, "build_id": _TEXT,
            "offset": "UInt64", "file": _TEXT, "line": "UInt32",
        },
        "hash",
        _BY_EPOCH,
        "hash",
    ),
)  # fmt: skip


def statements(address: Address) -> Iterator[str]:
    """SQL that makes what is not there yet, in order."""
    everywhere = f" ON CLUSTER {address.cluster}" if address.cluster else ""
    yield f"CREATE DATABASE IF NOT EXISTS {address.database}{everywhere}"
    for table in TABLES:
        yield _stored(table, address, everywhere)
        if address.cluster:
            yield (
                f"CREATE TABLE IF NOT EXISTS {address.database}.{table.name}{everywhere} "
                f"AS {address.database}.{stored_name(table.name, address)} ENGINE = Distributed("
                f"{address.cluster}, {address.database}, {stored_name(table.name, address)}, {table.spread})"
            )
    for tier in TIERS[1:]:
        yield _fed(tier, address, everywhere)


def stored_name(table: str, address: Address) -> str:
    """The table that has the rows: on a cluster, the part of them that each server has."""
    return f"{table}_local" if address.cluster else table


def _stored(table: Table, address: Address, everywhere: str) -> str:
    name = stored_name(table.name, address)
    columns = ", ".join(f"{column} {kind}" for column, kind in table.columns.items())
    engine, window = table.engine, f"non_replicated_deduplication_window = {REMEMBERED}"
    if address.cluster:
        kind, _, argument = engine.rstrip(")").partition("(")
        place = f"'/clickhouse/tables/{{shard}}/{address.database}/{name}', '{{replica}}'"
        engine = f"Replicated{kind}({', '.join(filter(None, (place, argument)))})"
        window = (
            f"replicated_deduplication_window = {REMEMBERED}, replicated_deduplication_window_seconds = {REMEMBERED_S}"
        )
    return (
        f"CREATE TABLE IF NOT EXISTS {address.database}.{name}{everywhere} ({columns}) ENGINE = {engine} "
        f"PARTITION BY {table.partition} ORDER BY ({table.order}) SETTINGS {window}"
    )


def _fed(tier: Tier, address: Address, everywhere: str) -> str:
    """A rollup grows with every insert of raw rows, with the same token."""
    source, target = (f"{address.database}.{stored_name(kind, address)}" for kind in (RAW.kind, tier.kind))
    columns = ", ".join(f"ts - ts % {tier.step_ms} AS ts" if name == "ts" else name for name in tier.columns)
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {target}_feed{everywhere} TO {target} AS "  # noqa: S608 our own names
        f"SELECT {columns}, sum(value) AS value FROM {source} GROUP BY {', '.join(tier.columns)}"
    )
