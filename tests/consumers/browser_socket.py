"""A browser's side of a socket, without the network. (`channels.testing` has one, but needs a whole other server.)"""

import asyncio
import json
from typing import Any

from asgiref import testing

# For a busy machine; nothing waits for it to pass.
TIMEOUT_S = 30
_communicator: Any = testing.ApplicationCommunicator  # not typed


class BrowserSocket:
    """Speaks the ASGI messages of one WebSocket to an application."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]], query: str = "") -> None:
        scope = {"type": "websocket", "path": path, "query_string": query.encode(), "headers": headers}
        scope["subprotocols"] = []
        self._application: Any = _communicator(application, scope)

    async def connect(self) -> bool:
        """Whether the server accepted."""
        await self._application.send_input({"type": "websocket.connect"})
        answer = await self.receive()
        return bool(answer["type"] == "websocket.accept")

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = await self._application.receive_output(TIMEOUT_S)
        return message

    async def receive_json(self) -> dict[str, Any]:
        """The next text message."""
        while not (text := (await self.receive()).get("text")):
            pass
        message: dict[str, Any] = json.loads(text)
        return message

    async def receive_bytes(self) -> bytes:
        """The next binary message."""
        while not (data := (await self.receive()).get("bytes")):
            pass
        assert isinstance(data, bytes)
        return data

    async def say(self, message: object) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        await self._application.send_input({"type": "websocket.receive", "text": text})

    async def disconnect(self) -> None:
        await self._application.send_input({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(TIMEOUT_S):
            await self._application.wait(2 * TIMEOUT_S)
