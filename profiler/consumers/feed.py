"""The live tree of a run: one reader per run and process, however many watch."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from redis.exceptions import RedisError

from profiler import streams
from profiler.core import wire
from profiler.core.annotate import annotate
from profiler.core.channel import WATCHED_TTL_S, EntryKind, RunReport, live_key, watched_key
from profiler.core.errors import WebprofError
from profiler.core.prune import prune
from profiler.core.spec import RecordingSpec
from profiler.core.tree import build_tree
from profiler.core.unnamed import one_per_function
from profiler.ingest.live import LiveProfile

log = logging.getLogger(__name__)

# Half a megabyte a second per viewer; the whole tree comes with the stored profile.
MAX_LIVE_NODES = 20_000
TREE_INTERVAL_S = 1.0
# Of one core; a profile that takes long to draw is drawn less often.
MAX_SHARE = 0.2
ENTRIES_AT_ONCE = 50
BLOCK_MS = 1000 * WATCHED_TTL_S // 2


@dataclass
class Feed:
    """What a run's live stream says so far. `version` grows with each change of `tree` or `report`."""

    run: str
    host: str
    spec: RecordingSpec
    tree: bytes | None = None
    report: RunReport | None = None
    version: int = 0
    failed: bool = False
    viewers: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    reader: "asyncio.Task[None] | None" = None

    async def after(self, version: int) -> bool:
        """Wait for a change after `version`; False when there will be none."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.failed or self.version > version)
        return not self.failed

    async def read(self) -> None:
        """Follow the stream until cancelled."""
        redis = streams.async_client()
        live, last = LiveProfile(self.run, self.host, one_per_function), "0"
        try:
            while True:
                await redis.set(watched_key(self.run), b"", ex=WATCHED_TTL_S)
                reply: Any = await redis.xread({live_key(self.run): last}, count=ENTRIES_AT_ONCE, block=BLOCK_MS)
                entries = reply[0][1] if reply else []
                last = entries[-1][0] if entries else last
                began = time.monotonic()
                grew = [await self._take(live, entry) for _, entry in entries]
                if any(grew):
                    self.tree = await asyncio.to_thread(self._draw, live)
                if entries:
                    await self._announce()
                if any(grew):
                    await asyncio.sleep(max(TREE_INTERVAL_S, (time.monotonic() - began) / MAX_SHARE))
        except (RedisError, WebprofError) as error:
            log.warning("run %s: its live stream can't be shown: %s", self.run, error)
        finally:
            self.failed = True
            await redis.aclose()
            await self._announce()

    async def _take(self, live: LiveProfile, entry: Mapping[bytes, bytes]) -> bool:
        try:
            if entry.get(b"kind") == EntryKind.STATE.encode():
                report = RunReport.model_validate_json(entry.get(b"data", b""))
                self.report = report if report.host == self.host else self.report
                return False
            return await asyncio.to_thread(live.apply, entry)
        except (WebprofError, ValidationError) as error:
            log.warning("run %s: an entry of its live stream was skipped: %s", self.run, error)
            return False

    def _draw(self, live: LiveProfile) -> bytes | None:
        profile = live.profile()
        if profile is None:
            return None
        marked = annotate(profile, delimiter=self.spec.delimiter, annotations=self.spec.annotations)
        return wire.encode(prune(build_tree(marked), MAX_LIVE_NODES))

    async def _announce(self) -> None:
        async with self.changed:
            self.version += 1
            self.changed.notify_all()


_feeds: dict[str, Feed] = {}


@asynccontextmanager
async def watching(run: str, host: str, spec: RecordingSpec) -> AsyncIterator[Feed]:
    """The feed of a run, shared with its other viewers; its reader ends with the last of them."""
    feed = _feeds.get(run)
    if feed is None or feed.failed:
        feed = _feeds[run] = Feed(run, host, spec)
        feed.reader = asyncio.create_task(feed.read())
    feed.viewers += 1
    try:
        yield feed
    finally:
        feed.viewers -= 1
        if feed.viewers == 0 and feed.reader is not None:
            feed.reader.cancel()
            if _feeds.get(run) is feed:
                del _feeds[run]
