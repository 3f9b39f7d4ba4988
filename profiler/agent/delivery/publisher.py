"""What the agent writes to Redis about a run: the live stream while it records, the outcome when it has ended."""

import logging
import time
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from profiler.agent.delivery.outcome import Outcome
from profiler.core.channel import (
    CONTINUOUS_STREAM,
    LIVE_TTL_S,
    MAX_CONTINUOUS_BACKLOG,
    PROFILES_STREAM,
    RUNS_STREAM,
    EntryKind,
    RunReport,
    RunState,
    live_key,
    watched_key,
)

logger = logging.getLogger(__name__)

# A Redis that hangs must not stop the recording from being read: two missed seconds are merged into the next.
LIVE_TIMEOUT_S = 2.0
# The largest batch (64 MiB) over a slow line (10 Mbit/s).
OUTCOME_TIMEOUT_S = 60.0
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 10.0


def connect(url: str, timeout_s: float) -> redis.Redis:
    """A client that never sends a command twice by itself: a repeated XADD would count a delta's samples twice."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=min(timeout_s, LIVE_TIMEOUT_S),
        retry=Retry(NoBackoff(), 0),
    )


class Backoff:
    """Waiting times that double from FIRST_RETRY_S to LAST_RETRY_S."""

    def __init__(self) -> None:
        self._next = FIRST_RETRY_S

    def failed(self) -> float:
        """Seconds to wait after one more failure."""
        delay, self._next = self._next, min(self._next * 2, LAST_RETRY_S)
        return delay

    def reset(self) -> None:
        self._next = FIRST_RETRY_S


class LiveStream:
    """The live stream of one run, and its changes of state on RUNS_STREAM. Failures cost the viewer, not the run.

    `nudge` is called after each change of state that Redis accepted.
    """

    def __init__(self, client: redis.Redis, run: str, nudge: Callable[[], None]) -> None:
        self._client = client
        self._nudge = nudge
        self._key = live_key(run)
        self._watched_key = watched_key(run)
        self._announced: RunState | None = None
        self._backoff = Backoff()
        self._retry_at = 0.0
        # Whether the stream holds all that was sampled so far. When not, only a snapshot makes it right again.
        self.whole = True

    def is_watched(self) -> bool:
        """Whether somebody looks at the stream now. Nobody, when Redis does not say."""
        if time.monotonic() < self._retry_at:
            return False
        try:
            return bool(self._client.exists(self._watched_key))
        except redis.RedisError:
            return False

    def publish(self, report: RunReport, kind: EntryKind | None = None, data: bytes = b"") -> bool:
        """Add a report and, before it, a `kind` entry with a batch. False when Redis took nothing of it."""
        if time.monotonic() < self._retry_at:
            self.whole = self.whole and kind is None
            return False
        try:
            accepted = self._write(report, kind, data)
        except redis.RedisError as error:
            logger.warning("run %s: live stream not written: %s", report.run, error)
            self._retry_at = time.monotonic() + self._backoff.failed()
            self.whole = self.whole and kind is None
            return False
        self._backoff.reset()
        self.whole = accepted and (self.whole or kind is EntryKind.SNAPSHOT)
        if report.state is not self._announced:
            self._announced = report.state
            self._nudge()
        return True

    def _write(self, report: RunReport, kind: EntryKind | None, data: bytes) -> bool:
        """One transaction. False when the stream had vanished (Redis restarted empty) under a delta."""
        pipe = self._client.pipeline(transaction=True)
        if kind is EntryKind.SNAPSHOT:
            # Trims everything before it in the same command.
            pipe.xadd(self._key, {"kind": kind, "data": data}, maxlen=1, approximate=False)
        elif kind is not None:
            pipe.xadd(self._key, {"kind": kind, "data": data}, nomkstream=True)
        pipe.xadd(self._key, {"kind": EntryKind.STATE, "data": report.model_dump_json()})
        pipe.expire(self._key, LIVE_TTL_S)
        if report.state is not self._announced:
            pipe.xadd(RUNS_STREAM, {"data": report.model_dump_json()})
        return pipe.execute()[0] is not None


class BehindError(Exception):
    """The server has as much to read as Redis should hold: keep the rest and come back."""


def deliver(client: redis.Redis, outcome: Outcome) -> None:
    """Hand an outcome over, all of it or nothing. Raises redis.RedisError, and BehindError for one of no run."""
    if outcome.stream:
        client.xadd(outcome.stream, {"data": outcome.batch or b""})
        return
    if outcome.report is None:
        if client.xlen(CONTINUOUS_STREAM) >= MAX_CONTINUOUS_BACKLOG:
            raise BehindError
        client.xadd(CONTINUOUS_STREAM, {"data": outcome.batch or b""})
        return
    report = outcome.report.model_dump_json()
    pipe = client.pipeline(transaction=True)
    if outcome.batch is not None:
        pipe.xadd(PROFILES_STREAM, {"run": outcome.report.run, "data": outcome.batch})
    pipe.xadd(RUNS_STREAM, {"data": report})
    pipe.xadd(live_key(outcome.report.run), {"kind": EntryKind.STATE, "data": report})
    pipe.expire(live_key(outcome.report.run), LIVE_TTL_S)
    pipe.execute()
