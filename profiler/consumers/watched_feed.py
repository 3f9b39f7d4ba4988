"""A feed while somebody watches: one reader per feed and process, however many viewers, and the lease that keeps it."""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from profiler import streams
from profiler.consumers import forwarding
from profiler.core.channel import heartbeat_key
from profiler.core.errors import BatchError
from profiler.core.feed_channel import ALIVE_INTERVAL_S, LEASE_TTL_S, feed_key, lease_key
from profiler.errors import UnavailableError
from profiler.jobs.watch import Watch, ask_host

log = logging.getLogger(__name__)

# What a page that opens sees of the past: half a minute of four entries a second.
HISTORY_ENTRIES = 120
# For all viewers of a feed together; what is older has left before.
MAX_RECENT_BYTES = 8 * 2**20
ENTRIES_AT_ONCE = 20
BLOCK_MS = 5000
RENEW_S = LEASE_TTL_S / 3
# A feed that has said nothing for so long is not running: its host is asked again.
SILENCE_S = 5 * ALIVE_INTERVAL_S
MAX_ERROR = 2000
#: Cause of a loss that the reader sees: entries that were trimmed, or could not be read, before it read them.
LOST_UNREAD = "left Redis unread"


@dataclass(frozen=True)
class Batch:
    """An entry of the stream as browsers get it. `before`: events that this reader had forwarded before it."""

    messages: tuple[bytes, ...]
    events: int
    before: int

    @property
    def size(self) -> int:
        return sum(map(len, self.messages))


@dataclass
class WatchedFeed:
    """`recent` batches have numbers from `begin` on, without gaps. `state` is one of starting, running, away, idle and
    failed, `message` says why. `watch.may_start` means nothing here: `starters` counts the viewers who may.
    """

    watch: Watch
    state: str = "starting"
    message: str = ""
    recent: deque[Batch] = field(default_factory=deque)
    begin: int = 0
    forwarded: int = 0
    size: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    starters: int = 0
    viewers: set[asyncio.Event] = field(default_factory=set)
    ended: bool = False
    nudge: asyncio.Event = field(default_factory=asyncio.Event)
    reader: "asyncio.Task[None] | None" = None
    _heard: float | None = None
    _expected: tuple[int, int] | None = None

    @property
    def end(self) -> int:
        return self.begin + len(self.recent)

    def start(self, more: int) -> None:
        """So many more viewers may have it started, or fewer."""
        self.starters += more
        self.nudge.set()

    def ask_again(self) -> None:
        """After a failure: somebody wants it tried once more."""
        if self.state == "failed":
            self._tell("starting", "")
            self._heard = None
        self.nudge.set()

    async def run(self) -> None:
        """Read the stream and keep the lease until cancelled."""
        redis = streams.async_client()
        try:
            last = await self._read_history(redis)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_running(redis))
                tasks.create_task(self._follow(redis, last))
        except* (RedisError, OSError) as errors:
            log.warning("feed %s of %s can't be read: %s", self.watch.feed, self.watch.host, errors.exceptions[0])
        finally:
            self.ended = True
            with contextlib.suppress(RedisError, OSError):
                await redis.aclose()
            self._wake()

    async def _read_history(self, redis: Any) -> bytes:
        """The id of the newest entry."""
        entries = await redis.xrevrange(feed_key(self.watch.host, self.watch.feed), count=HISTORY_ENTRIES)
        for key, entry in reversed(entries):
            if b"data" in entry:
                await self._take(key, entry[b"data"])
        self._wake()
        newest: bytes = entries[0][0] if entries else b"0"
        return newest

    async def _follow(self, redis: Any, last: bytes) -> None:
        key = feed_key(self.watch.host, self.watch.feed)
        while True:
            reply = await redis.xread({key: last}, count=ENTRIES_AT_ONCE, block=BLOCK_MS)
            for last, entry in reply[0][1] if reply else []:
                self._heard = time.monotonic()
                if b"error" in entry:
                    self._tell("failed", entry[b"error"].decode("utf-8", "replace")[:MAX_ERROR])
                    continue
                await self._take(last, entry.get(b"data", b""))
                if self.state != "running":
                    self._tell("running", "")
            self._wake()

    async def _take(self, entry: bytes, data: bytes) -> None:
        """The work is done in threads: what comes in a quarter of a second can take longer than others should wait."""
        try:
            came = await asyncio.to_thread(forwarding.read, self.watch.probe, self.watch.host, data)
            before, lost = self.lost, self._lost_with(came)
            if not came.events and lost == before:
                return
            place = {"entry": entry.decode(), "began": str(came.began_ns), "sent_before": came.sent_before}
            head = {**place, "lost_before": before, "lost": lost}
            messages = tuple(await asyncio.to_thread(came.messages, head))
        except BatchError as error:
            log.warning("feed %s of %s: an entry was skipped: %s", self.watch.feed, self.watch.host, error)
            return
        self.lost = lost
        self._keep(Batch(messages, came.events, self.forwarded))

    def _keep(self, batch: Batch) -> None:
        self.forwarded += batch.events
        self.recent.append(batch)
        self.size += batch.size
        while len(self.recent) > HISTORY_ENTRIES or (self.size > MAX_RECENT_BYTES and len(self.recent) > 1):
            self.size -= self.recent.popleft().size
            self.begin += 1

    def _lost_with(self, came: forwarding.Forwarded) -> dict[str, int]:
        """What is lost with this entry, by cause: what the agent says, and what it had sent that was not read here."""
        new = Counter({cause: count for cause, count in came.lost.items() if count})
        if came.sent_before is not None:
            began, expected = self._expected or (came.began_ns, came.sent_before)
            unread = came.sent_before - (expected if began == came.began_ns else 0)
            self._expected = (came.began_ns, came.sent_before + came.events)
            new += Counter({LOST_UNREAD: max(0, unread)})
        return dict(Counter(self.lost) + new)

    async def _keep_running(self, redis: Any) -> None:
        lease = lease_key(self.watch.host, self.watch.feed)
        while True:
            self.nudge.clear()
            alive = await redis.exists(heartbeat_key(self.watch.host))
            if self.starters and self.state != "failed":
                await redis.set(lease, b"", ex=LEASE_TTL_S)
                await self._ask_if_silent(bool(alive))
            elif not self.starters and not await redis.exists(lease):
                self._tell("idle", f"{self.watch.probe.name} does not run on {self.watch.host} now")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.nudge.wait(), RENEW_S)

    async def _ask_if_silent(self, alive: bool) -> None:
        if not alive:
            self._tell("away", f"host {self.watch.host} sends no heartbeat: check that its agent runs")
        elif self._heard is None or time.monotonic() - self._heard > SILENCE_S:
            before, refused = self._heard, ""
            try:
                await asyncio.to_thread(ask_host, self.watch)
            except UnavailableError as error:
                refused = error.message
            if self._heard == before:  # it has not begun to speak meanwhile
                self._tell("starting", refused)

    def _tell(self, state: str, message: str) -> None:
        if (state, message) != (self.state, self.message):
            self.state, self.message = state, message
            self._wake()

    def _wake(self) -> None:
        for viewer in self.viewers:
            viewer.set()


_feeds: dict[tuple[str, str], WatchedFeed] = {}


@asynccontextmanager
async def watching(watch: Watch, wake: asyncio.Event) -> AsyncIterator[WatchedFeed]:
    """The feed, shared with its other viewers; `wake` is set when there is something new. Its reader ends with the last
    of them, and the feed itself soon after the last of those who may start it.
    """
    key = (watch.host, watch.feed)
    feed = _feeds.get(key)
    if feed is None or feed.ended:
        feed = _feeds[key] = WatchedFeed(watch)
        feed.reader = asyncio.create_task(feed.run())
    feed.viewers.add(wake)
    try:
        yield feed
    finally:
        feed.viewers.discard(wake)
        if not feed.viewers and feed.reader is not None:
            feed.reader.cancel()
            if _feeds.get(key) is feed:
                del _feeds[key]
