"""Gathered static files, answered before Django is asked.

A page needs some sixty small modules. Through Django's middleware and a thread each takes milliseconds of the server's
time, which is most of what opening a profile took; from memory it is a tenth of one.
"""

import json
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from webprof.middleware import CONTENT_SECURITY_POLICY

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# As Django's middleware says it of every answer; a worker obeys the policy that its own script came with.
HEADERS = (
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Vary", "Accept-Encoding"),
)


class StaticApp:
    """Answers for files whose names carry a hash of their content; all else goes on to the application."""

    def __init__(self, application: Application, directory: Path, prefix: str) -> None:
        self._application, self._directory, self._prefix = application, directory, prefix
        self._names = _hashed_names(directory)
        self._answers: dict[tuple[str, bool], tuple[Headers, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(self._prefix) if scope["path"].startswith(self._prefix) else ""
        if name not in self._names or scope["method"] not in ("GET", "HEAD"):
            await self._application(scope, receive, send)
            return
        headers, body = self._answer(name, b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})

    def _answer(self, name: str, gzip: bool) -> tuple[Headers, bytes]:
        """Read once: all files together are a few megabytes."""
        if (name, gzip) not in self._answers:
            compressed = self._directory / f"{name}.gz"
            use = gzip and compressed.exists()
            body = (compressed if use else self._directory / name).read_bytes()
            own = {"Content-Type": _content_type(name), "Content-Length": str(len(body))}
            if use:
                own["Content-Encoding"] = "gzip"
            self._answers[name, gzip] = _encoded({**dict(HEADERS), **own}), body
        return self._answers[name, gzip]


def _hashed_names(directory: Path) -> frozenset[str]:
    """None before `collectstatic` has run."""
    manifest = directory / "staticfiles.json"
    return frozenset(json.loads(manifest.read_text())["paths"].values()) if manifest.exists() else frozenset()


def _content_type(name: str) -> str:
    # Some systems' tables call modules application/x-javascript, which browsers refuse to run as modules.
    found = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def _encoded(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
