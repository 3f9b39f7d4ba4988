"""What the server does in the background, and whether it keeps up: the store, its upkeep, the streams, the agents."""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from profiler import access, streams
from profiler.catalog.rounds import FAILED
from profiler.catalog.upkeep import COMPACTION, RETENTION
from profiler.core.channel import CONTINUOUS_STREAM, HOSTS_STREAM, PROFILES_STREAM, RUNS_STREAM, SERVER_GROUP
from profiler.errors import InvalidError
from profiler.ingest.counters import COUNTERS
from profiler.ingest.queue import REJECTED_STREAM
from profiler.models import Upkeep
from profiler.query.hosts import HostView, list_hosts
from profiler.query.store_state import StoreState, moment, store_state

# What is in each stream, for people; the first three are read by the server's workers.
STREAMS: Mapping[str, str] = {
    PROFILES_STREAM: "results of runs",
    RUNS_STREAM: "reports of runs",
    CONTINUOUS_STREAM: "profiles of continuous profiling",
    HOSTS_STREAM: "heartbeats that wake the hosts page",
    REJECTED_STREAM: "entries that could not be stored",
}
READ = (PROFILES_STREAM, RUNS_STREAM, CONTINUOUS_STREAM)
MAX_REJECTED = 10
# Work that is due this often (webprof/settings.py): twice as late means that no worker does it.
EVERY_S = {COMPACTION: 30, RETENTION: 600, COUNTERS: 30}
# Agents read their profiles out every minute at least; a worker looks at the streams every five seconds.
MAX_LAG_S = 30
MIN_FREE_SHARE = 0.1
# Columns of the agents that can be sorted by.
SORTS = ("host", "waiting", "bytes", "dropped", "profiles", "last")


@dataclass(frozen=True)
class Work:
    """Upkeep of one sort. `late`: it should have run again by now."""

    name: str
    every_s: int
    last: Upkeep | None
    late: bool


@dataclass(frozen=True)
class Stream:
    """`lag_s` is the age of the oldest entry that waits for the server; None where nothing waits, or nothing should."""

    name: str
    holds: str
    entries: int
    pending: int
    lag_s: float | None


@dataclass(frozen=True)
class Rejected:
    at: datetime
    stream: str
    reason: str


@dataclass(frozen=True)
class Disk:
    path: str
    free: int
    total: int

    @property
    def short(self) -> bool:
        return self.free < self.total * MIN_FREE_SHARE


@dataclass(frozen=True)
class AgentState:
    """Results and profiles that wait on an agent's disk, and what became of continuous profiling there."""

    host: HostView
    waiting: int
    bytes: int
    dropped: int
    profiles: int
    last: datetime | None
    problem: str


@dataclass(frozen=True)
class Operations:
    """Everything of the operations page. `trouble` says in words what needs somebody; empty when nothing does."""

    at: datetime
    trouble: Sequence[str]
    store: StoreState
    work: Sequence[Work]
    streams: Sequence[Stream]
    rejected: Sequence[Rejected]
    redis_bytes: int
    disk: Disk
    agents: Sequence[AgentState]


def operations(user: access.Visitor, sort: str = "host") -> Operations:
    """Raises NotFoundError for who may see nothing, InvalidError for an unknown sort, redis.RedisError."""
    access.require_role(user)
    if sort.removeprefix("-") not in SORTS:
        raise InvalidError(f"sort: {sort[:64]!r} is not one of {', '.join(SORTS)} (with - for descending)", "sort")
    found: dict[str, Any] = {
        "store": store_state(),
        "work": _work(),
        "streams": [_stream(name, holds) for name, holds in STREAMS.items()],
        "disk": _disk(Path(settings.DATA_DIR)),
        "agents": _sorted([_agent(host) for host in list_hosts(user)], sort),
    }
    return Operations(
        at=datetime.now(UTC),
        trouble=_trouble(**found),
        rejected=_rejected(),
        redis_bytes=int(streams.client().info("memory")["used_memory"]),
        **found,
    )


def _work() -> list[Work]:
    known = Upkeep.objects.in_bulk()
    now = datetime.now(UTC)
    rows = []
    for name, every_s in EVERY_S.items():
        last = known.get(name)
        late = last is not None and (now - last.ran_at).total_seconds() > 2 * every_s + last.took_s
        rows.append(Work(name, every_s, last, late))
    return rows


def _stream(name: str, holds: str) -> Stream:
    redis = streams.client()
    entries = redis.xlen(name)
    if name not in READ or not entries:
        return Stream(name, holds, entries, 0, None)
    oldest = cast("list[tuple[bytes, Any]]", redis.xrange(name, count=1))
    lag_s = max(0.0, time.time() - _id_ms(oldest[0][0]) / 1000) if oldest else None
    groups = redis.xinfo_groups(name)
    pending = sum(int(group["pending"]) for group in groups if group["name"] == SERVER_GROUP.encode())
    return Stream(name, holds, entries, pending, lag_s)


def _id_ms(entry_id: bytes) -> int:
    """Redis makes the ids of entries from its clock."""
    return int(entry_id.partition(b"-")[0])


def _rejected() -> list[Rejected]:
    found = cast(
        "list[tuple[bytes, dict[bytes, bytes]]]", streams.client().xrevrange(REJECTED_STREAM, count=MAX_REJECTED)
    )
    return [
        Rejected(
            datetime.fromtimestamp(_id_ms(entry_id) / 1000, UTC),
            fields.get(b"stream", b"").decode(errors="replace"),
            fields.get(b"reason", b"").decode(errors="replace"),
        )
        for entry_id, fields in found
    ]


def _disk(path: Path) -> Disk:
    usage = shutil.disk_usage(path)
    return Disk(str(path), usage.free, usage.total)


def _agent(host: HostView) -> AgentState:
    if host.inventory is None:
        return AgentState(host, 0, 0, 0, 0, None, "")
    agent = host.inventory.agent
    now = agent.continuous
    return AgentState(
        host,
        waiting=agent.spooled + now.spooled,
        bytes=now.spooled_bytes,
        dropped=agent.dropped + now.dropped,
        profiles=now.profiles,
        last=moment(now.last_end_ns // 1_000_000),
        problem=now.problem,
    )


def _sorted(agents: list[AgentState], sort: str) -> list[AgentState]:
    name = sort.removeprefix("-")
    never = datetime.min.replace(tzinfo=UTC)

    def key(agent: AgentState) -> Any:
        if name == "host":
            return agent.host.id
        return agent.last or never if name == "last" else getattr(agent, name)

    return sorted(agents, key=key, reverse=sort.startswith("-"))


def _trouble(
    store: StoreState, work: Sequence[Work], streams: Sequence[Stream], disk: Disk, agents: Sequence[AgentState]
) -> list[str]:
    dropped = [agent.host.id for agent in agents if agent.dropped]
    late = [stream for stream in streams if stream.lag_s is not None and stream.lag_s > MAX_LAG_S]
    return [
        *store.trouble,
        *(words for each in work for words in _of_work(each)),
        *(f"{one.holds} wait for {one.lag_s:.0f} s: the workers are behind, or none is running" for one in late),
        *([f"less than {MIN_FREE_SHARE:.0%} of the disk of {disk.path} is free"] if disk.short else []),
        *([f"agents dropped what they could not send: {', '.join(dropped[:5])}"] if dropped else []),
    ]


def _of_work(work: Work) -> list[str]:
    failed = work.last is not None and work.last.outcome == FAILED
    return [
        *([f"{work.name} failed: {work.last.message}"] if work.last and failed else []),
        *([f"{work.name} should run every {work.every_s} s and did not: is a worker running?"] if work.late else []),
    ]
