"""Plays the agent's part of a feed at the real Redis, with a probe of its own that looks like a real one."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from profiler.core import event_batch
from profiler.core.event_batch import EventBatch
from profiler.core.feed_channel import MAX_ENTRIES, feed_id, feed_key, lease_key
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Flag, Probe, Shows

NS = 10**9
DEMO = Probe(
    name="demo",
    title="Demonstration",
    about="Events that a test makes.",
    emits=Emits.EVENTS,
    needs=("sched:sched_process_exec",),
    cost_ns=1000,
    parameters=(PID, COMM, Flag("failed", "Only failures", "Leave out what went well.")),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("pid", Shows.PID, "PID"),
        Field("ppid", Shows.PID, "Parent"),
        Field("comm", Shows.COMM, "Name"),
        Field("path", Shows.PATH, "Path"),
        Field("took_ns", Shows.DURATION, "Took"),
        Field("error", Shows.ERROR, "Error"),
    ),
)


def columns(count: int, at_ns: int | None = None, first_pid: int = 1000) -> Columns:
    """`count` events of a microsecond after each other, one of each process."""
    now = time.time_ns() if at_ns is None else at_ns
    pids = np.arange(first_pid, first_pid + count, dtype="<u4")
    return {
        "at_ns": now + np.arange(count, dtype="<u8") * np.uint64(1000),
        "pid": pids,
        "ppid": np.ones(count, dtype="<u4"),
        "comm": [f"worker-{pid % 7}" for pid in pids.tolist()],
        "path": [f"/srv/app/{pid}.conf" for pid in pids.tolist()],
        "took_ns": np.full(count, 1_500_000, dtype="<u8"),
        "error": ["" if pid % 2 else "ENOENT" for pid in pids.tolist()],
    }


@dataclass
class FeedDouble:
    """One feed of `probe` on a host; counts what it sent, as an agent does."""

    redis: Any
    host: str = "web-1"
    probe: Probe = DEMO
    values: dict[str, Any] = field(default_factory=dict)
    began_ns: int = field(default_factory=time.time_ns)
    sent: int = 0

    @property
    def feed(self) -> str:
        return feed_id(self.probe.name, self.probe.values(self.values))

    @property
    def lease(self) -> str:
        return lease_key(self.host, self.feed)

    @property
    def key(self) -> str:
        return feed_key(self.host, self.feed)

    def batch(self, made: Columns, lost: dict[str, int] | None = None) -> bytes:
        count = len(next(iter(made.values()), ()))
        now = time.time_ns()
        counted = (self.began_ns, self.sent)
        batch = EventBatch(self.host, self.probe.name, now - NS // 4, now, made, lost or {}, *counted)
        self.sent += count
        return event_batch.encode(batch)

    def send(self, made: Columns, lost: dict[str, int] | None = None) -> None:
        self.redis.xadd(self.key, {"data": self.batch(made, lost)}, maxlen=MAX_ENTRIES)

    def send_events(self, count: int, lost: dict[str, int] | None = None) -> None:
        """Of processes from 1000 on, each of one event."""
        self.send(columns(count, first_pid=1000 + self.sent), lost)

    def fail(self, text: str | bytes) -> None:
        self.redis.xadd(self.key, {"error": text})

    def is_leased(self) -> bool:
        return bool(self.redis.exists(self.lease))
