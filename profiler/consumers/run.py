"""/ws/runs/<id>/: the state of a run as JSON, and while it records its tree so far as wire messages (binary)."""

import asyncio
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from profiler import access, events
from profiler.consumers.feed import watching
from profiler.consumers.visitor import NOT_FOUND, UNAVAILABLE, visitor
from profiler.core.channel import RunReport
from profiler.core.spec import RecordingSpec
from profiler.errors import NotFoundError
from profiler.events import RunChanged
from profiler.models import Run


class RunConsumer(AsyncJsonWebsocketConsumer):
    """Joined after the access check, which is made again for each change of state."""

    _run_id: str = ""
    _group: str = ""
    _state: RunChanged
    _live: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        self._run_id = str(self.scope["url_route"]["kwargs"]["run_id"])
        # Joined before the state is read: a change in between is sent twice rather than never.
        self._group = events.run_group(self._run_id)
        run = await self._visible()
        if run is None:
            await self.close(NOT_FOUND)
            return
        await self.channel_layer.group_add(self._group, self.channel_name)
        await self.accept()
        self._state = await _state(run)
        await self.send_json(self._state)
        if not self._state["final"]:
            self._live = asyncio.create_task(self._follow(run.host_id, run.job.recording))

    async def disconnect(self, code: int) -> None:
        if self._group:
            await self.channel_layer.group_discard(self._group, self.channel_name)
        self._stop_following()

    async def run_changed(self, event: RunChanged) -> None:
        """Handler of RunChanged, sent by events.announce."""
        if await self._visible() is None:
            await self.close(NOT_FOUND)
            return
        self._state = event
        if event["final"]:
            self._stop_following()
        await self.send_json(event)

    async def _visible(self) -> Run | None:
        return await _visible_run(await visitor(self.scope), self._run_id)

    async def _follow(self, host: str, spec: RecordingSpec) -> None:
        seen, tree = 0, None
        async with watching(self._run_id, host, spec) as feed:
            while await feed.after(seen):
                seen = feed.version
                if feed.report is not None:
                    await self._progress(feed.report)
                if feed.tree is not None and feed.tree is not tree:
                    tree = feed.tree
                    await self.send(bytes_data=tree)
        await self.close(UNAVAILABLE)

    async def _progress(self, report: RunReport) -> None:
        """Numbers and notes between changes of state. Only the database tells the end: then the profile is there."""
        if report.state.final or self._state["final"]:
            return
        names = ("elapsed_s", "samples", "lost", "message")
        now: Any = {name: getattr(report, name) for name in names}
        told: RunChanged = {**self._state, **now, "state": report.state.value}
        if told != self._state:
            self._state = told
            await self.send_json(told)

    def _stop_following(self) -> None:
        if self._live is not None:
            self._live.cancel()
            self._live = None


@database_sync_to_async
def _visible_run(user: access.Visitor, run_id: str) -> Run | None:
    try:
        return access.run(user, run_id)
    except NotFoundError:
        return None


@database_sync_to_async
def _state(run: Run) -> RunChanged:
    return events.run_changed(Run.objects.select_related("profile").get(pk=run.pk))
