"""/ws/bpftrace/<run>/: what a program says while it runs, as JSON; the last message has its end."""

import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from profiler import access, streams
from profiler.bpftrace.showing import read_live, results_of, shown
from profiler.consumers.visitor import NOT_FOUND, UNAVAILABLE, visitor
from profiler.core.bpftrace.channel import live_results_key
from profiler.errors import ServiceError
from profiler.models import BpftraceRun

log = logging.getLogger(__name__)

# How soon its end is seen: the worker tells nobody when it has stored it.
LOOK_MS = 1000


class BpftraceConsumer(AsyncJsonWebsocketConsumer):
    """For who has the right, which is checked again with each look."""

    _run_id: str = ""
    _feed: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        self._run_id = str(self.scope["url_route"]["kwargs"]["run_id"])
        if await self._visible() is None:
            await self.close(NOT_FOUND)
            return
        await self.accept()
        self._feed = asyncio.create_task(self._follow())

    async def disconnect(self, code: int) -> None:
        if self._feed is not None:
            self._feed.cancel()

    async def _follow(self) -> None:
        redis = streams.async_client()
        last: Any = "0"
        told: object = None
        try:
            while (run := await self._visible()) is not None:
                if run.is_final:
                    await self.send_json(await _final(run))
                    return
                reply: Any = await redis.xread({live_results_key(self._run_id): last}, count=1, block=LOOK_MS)
                if reply:
                    last, fields = reply[0][1][-1]
                    await self.send_json(await asyncio.to_thread(_live, run, fields))
                elif told != run.state:
                    await self.send_json(shown(run, None))
                told = run.state
            await self.close(NOT_FOUND)
        except RedisError as error:
            log.warning("bpftrace socket of run %s: %s", self._run_id, error)
            await self.close(UNAVAILABLE)
        finally:
            await redis.aclose()

    async def _visible(self) -> BpftraceRun | None:
        return await _visible_run(await visitor(self.scope), self._run_id)


def _live(run: BpftraceRun, fields: dict[bytes, bytes]) -> dict[str, Any]:
    return shown(run, read_live(run, fields))


@database_sync_to_async
def _final(run: BpftraceRun) -> dict[str, Any]:
    return shown(run, results_of(run))


@database_sync_to_async
def _visible_run(user: access.Visitor, run_id: str) -> BpftraceRun | None:
    try:
        return access.bpftrace_run(user, run_id)
    except ServiceError:
        return None
