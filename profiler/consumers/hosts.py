"""/ws/hosts/: says which hosts are alive and what they do, whenever that may have changed."""

import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from profiler import access, streams
from profiler.consumers.visitor import NOT_FOUND, UNAVAILABLE, visitor
from profiler.core.channel import HEARTBEAT_TTL_S, HOSTS_STREAM
from profiler.events import HostsChanged, HostSummary
from profiler.query.hosts import HostView, list_hosts

log = logging.getLogger(__name__)

# A hundred hosts beat twenty times a second; nobody reads that fast.
INTERVAL_S = 1.0
# A host that died says nothing: look anyway when its heartbeat has run out.
PATIENCE_MS = HEARTBEAT_TTL_S * 1000


class HostsConsumer(AsyncJsonWebsocketConsumer):
    """Members of the team only; the membership is checked again with each message."""

    _feed: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        if await self._message() is None:
            await self.close(NOT_FOUND)
            return
        await self.accept()
        self._feed = asyncio.create_task(self._follow())

    async def disconnect(self, code: int) -> None:
        if self._feed is not None:
            self._feed.cancel()

    async def _follow(self) -> None:
        redis = streams.async_client()
        try:
            # From before the first message: what happens while it is made and sent is not missed.
            newest: Any = await redis.xrevrange(HOSTS_STREAM, count=1)
            last = newest[0][0] if newest else "0"
            while (message := await self._message()) is not None:
                await self.send_json(message)
                await asyncio.sleep(INTERVAL_S)
                entries: Any = await redis.xread({HOSTS_STREAM: last}, block=PATIENCE_MS)
                last = entries[0][1][-1][0] if entries else last
            await self.close(NOT_FOUND)
        except RedisError as error:
            log.warning("hosts socket: %s", error)
            await self.close(UNAVAILABLE)
        finally:
            await redis.aclose()

    async def _message(self) -> HostsChanged | None:
        return await _hosts_changed(await visitor(self.scope))


@database_sync_to_async
def _hosts_changed(user: access.Visitor) -> HostsChanged | None:
    """The message for this user; None for who is not of the team."""
    if access.role(user) is None:
        return None
    return HostsChanged(type="hosts.changed", hosts=[_summary(host) for host in list_hosts(user)])


def _summary(host: HostView) -> HostSummary:
    system = host.inventory.system if host.inventory and host.alive else None
    return HostSummary(id=host.id, alive=host.alive, run=host.run, cpu_percent=system.cpu_percent if system else None)
