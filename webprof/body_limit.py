"""Refuses a request's body as soon as it is known to be too large: Django would first write all of it to disk."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

Message = dict[str, Any]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]

# Forms and JSON; Django itself refuses more than 2.5 MB of those, but only after it has all of it.
DEFAULT_LIMIT = 4 * 2**20


class _TooLargeError(Exception):
    pass


class _Refusal(NamedTuple):
    """In the API's error shape: who sends so much is a program."""

    status: int
    code: str
    message: str


_STRANGER = _Refusal(401, "unauthenticated", "log in, or send an API token, before you send a file")


class BodyLimit:
    """ASGI middleware. `limits`: bytes by path, for callers that `knows` recognises by the scope of their request;
    DEFAULT_LIMIT for every other path and caller.
    """

    def __init__(self, app: App, limits: Mapping[str, int], knows: Callable[[Scope], Awaitable[bool]]) -> None:
        self._app, self._limits, self._knows = app, limits, knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit, refusal = await self._limit(scope)
        if _declared(scope) > limit:
            await _refuse(send, refusal)
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
            await _refuse(send, refusal)

    async def _limit(self, scope: Scope) -> tuple[int, _Refusal]:
        limit = self._limits.get(scope["path"], DEFAULT_LIMIT)
        if limit > DEFAULT_LIMIT and not await self._knows(scope):
            return DEFAULT_LIMIT, _STRANGER
        return limit, _Refusal(413, "too_large", f"the request is over the limit of {limit:,} bytes")


def _declared(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Send, refusal: _Refusal) -> None:
    error = {"code": refusal.code, "message": refusal.message, "field": "file"}
    body = json.dumps({"error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
