"""Refuses a request's body as soon as it is known to be too large: Django would first write all of it to disk."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]

# Forms and JSON; Django itself refuses more than 2.5 MB of those, but only after it has all of it.
DEFAULT_LIMIT = 4 * 2**20


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """ASGI middleware. `limits`: bytes by path; DEFAULT_LIMIT for every other path."""

    def __init__(self, app: App, limits: Mapping[str, int]) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        limit = self._limits.get(scope["path"], DEFAULT_LIMIT)
        if _declared(scope) > limit:
            await _refuse(send, limit)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _TooLargeError
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLargeError:
            await _refuse(send, limit)


def _declared(scope: Mapping[str, Any]) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Send, limit: int) -> None:
    """The API's error shape: who sends so much is a program."""
    error = {"code": "too_large", "message": f"the request is over the limit of {limit:,} bytes", "field": "file"}
    body = json.dumps({"error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
