"""/ws/hosts/<host>/feeds/<probe>/?<parameters>: what a probe sees on a host, while somebody looks.

To the browser: JSON messages of state (profiler/events.py: FeedOpened, FeedState, FeedDropped, FeedRefused), and the
binary messages of consumers/forwarding.py. From it: `{"taken": n}`, how many binary messages it has worked on, and
`{"again": true}` after a failure.
"""

import asyncio
import contextlib
import time
from typing import Annotated, Any
from urllib.parse import parse_qsl

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from profiler import access
from profiler.consumers.place import Place
from profiler.consumers.visitor import NOT_FOUND, UNAVAILABLE, visitor
from profiler.consumers.watched_feed import WatchedFeed, watching
from profiler.errors import InvalidError, NotFoundError
from profiler.events import FeedDropped, FeedOpened, FeedRefused, FeedState
from profiler.jobs.watch import Watch, watch

# 422 as HTTP has it: the address asks for what can't be.
INVALID = 4422
# A browser that has so many messages before it is slow: the rest waits here, where it can be left out.
MAX_UNDER_WAY = 8
# A socket may outlive a right.
CHECK_S = 10.0


class Said(BaseModel):
    """What a browser may say."""

    model_config = ConfigDict(extra="forbid", strict=True)
    taken: Annotated[int, Field(ge=0)] | None = None
    again: bool = False


class WatchConsumer(AsyncJsonWebsocketConsumer):
    """Who may record may start a feed, and keeps it running. Who may only look sees it while it runs for others."""

    _following: "asyncio.Task[None] | None" = None
    _feed: WatchedFeed | None = None
    _may_start = False
    _told: FeedState | None = None
    _sent = 0
    _taken = 0
    _check_at = 0.0

    async def connect(self) -> None:
        self._wake = asyncio.Event()
        try:
            asked = await self._asked()
        except NotFoundError:
            await self.close(NOT_FOUND)
            return
        except InvalidError as error:
            await self.accept()
            await self.send_json(FeedRefused(type="feed.refused", message=error.message))
            await self.close(INVALID)
            return
        await self.accept()
        self._following = asyncio.create_task(self._follow(asked))

    async def disconnect(self, code: int) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        try:
            said = Said.model_validate_json(text_data or "")
        except ValidationError:
            await self.close(INVALID)
            return
        if said.taken is not None:
            self._taken = min(said.taken, self._sent)
        if said.again and self._feed is not None and self._may_start:
            self._feed.ask_again()
        self._wake.set()

    async def _follow(self, asked: Watch) -> None:
        async with watching(asked, self._wake) as feed:
            self._feed, place = feed, Place(feed)
            try:
                await self._allow(asked)
                while not feed.ended:
                    self._wake.clear()
                    await self._tell_state(feed)
                    await self._send_batches(feed, place)
                    await self._woken()
                    if time.monotonic() > self._check_at:
                        await self._allow(await self._asked())
            except NotFoundError:
                await self.close(NOT_FOUND)
                return
            finally:
                feed.start(-int(self._may_start))
        await self.close(UNAVAILABLE)

    async def _allow(self, asked: Watch) -> None:
        """As the visitor's rights are now."""
        self._check_at = time.monotonic() + CHECK_S
        if self._told is None or asked.may_start != self._may_start:
            await self.send_json(FeedOpened(type="feed.opened", feed=asked.feed, may_start=asked.may_start))
        if self._feed is not None:
            self._feed.start(int(asked.may_start) - int(self._may_start))
        self._may_start = asked.may_start

    async def _tell_state(self, feed: WatchedFeed) -> None:
        state = FeedState(type="feed.state", state=feed.state, message=feed.message)
        if state != self._told:
            self._told = state
            await self.send_json(state)

    async def _send_batches(self, feed: WatchedFeed, place: Place) -> None:
        while self._sent - self._taken < MAX_UNDER_WAY:
            dropped = place.dropped_batches
            batch = place.next(feed)
            if batch is None:
                return
            if place.dropped_batches != dropped:
                batches, events = place.dropped_batches, place.dropped_events
                await self.send_json(FeedDropped(type="feed.dropped", batches=batches, events=events))
            for message in batch.messages:
                self._sent += 1
                await self.send(bytes_data=message)

    async def _woken(self) -> None:
        """Something happened, or it is time to look whether the visitor still may."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), max(0, self._check_at - time.monotonic()) + 0.01)

    async def _asked(self) -> Watch:
        given = self.scope["url_route"]["kwargs"]
        # Of a name that is there twice the last counts, as in Django.
        values = dict(parse_qsl(self.scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True))
        return await _watch(await visitor(self.scope), given["host_id"], given["probe"], values)


@database_sync_to_async
def _watch(user: access.Visitor, host: str, probe: str, values: dict[str, str]) -> Watch:
    return watch(user, host, probe, values)
