"""A feed's page, as far as its socket is concerned, and what the agent's side saw of it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async

from profiler.core.channel import host_queue
from profiler.core.feed_channel import TASK_WATCH
from profiler.core.feed_wire import MAGIC, SCHEMA
from profiler.core.sections import unpack
from tests.agent_double import AgentDouble
from tests.consumers.browser_socket import BrowserSocket

PATH = "/ws/hosts/web-1/feeds/demo/"
PATIENCE_S = 30


class Viewer:
    """A browser's page: remembers what it was told."""

    def __init__(self, socket: BrowserSocket) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []
        self.heads: list[dict[str, Any]] = []
        self.pids: list[int] = []
        self.closed: int | None = None

    async def hear(self) -> None:
        message = await self.socket.receive()
        if message["type"] == "websocket.close":
            self.closed = message["code"]
        elif message.get("text"):
            self.told.append(json.loads(message["text"]))
        else:
            header, found = unpack(MAGIC, SCHEMA, message["bytes"])
            self.heads.append(header)
            self.pids += found["pid"].tolist()

    async def until(self, met: Callable[["Viewer"], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not met(self):
            assert time.monotonic() < deadline, f"told {self.told}, {len(self.pids)} events"
            await self.hear()

    async def state(self, wanted: str) -> str:
        """The message of the next such state."""
        before = len(self.told)
        await self.until(lambda viewer: any(each.get("state") == wanted for each in viewer.told[before:]))
        return str(self.told[-1]["message"])

    async def take(self) -> None:
        """All that came so far was worked on."""
        await self.socket.say({"taken": len(self.heads)})

    async def leave(self) -> None:
        await self.socket.disconnect()


Look = Callable[..., Awaitable[Viewer]]


async def eventually(met: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await sync_to_async(met)():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def tasks(agent: AgentDouble) -> list[dict[str, Any]]:
    """Arguments of the tasks that wait for the host."""
    found = agent.redis.lrange(host_queue("web-1"), 0, -1)
    messages = [json.loads(each) for each in found]
    assert {each["headers"]["task"] for each in messages} <= {TASK_WATCH}
    return [each["headers"] for each in messages]
