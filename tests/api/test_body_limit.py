"""A body that is too large is refused before it is all here, through the whole ASGI application."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from profiler.sharing import create_token
from tests.personas import owner
from webprof.asgi import UPLOAD_LIMITS, application
from webprof.body_limit import DEFAULT_LIMIT, BodyLimit

pytestmark = pytest.mark.django_db(transaction=True)
CHUNK = 2**20


async def post(
    app: Any, path: str, chunks: int, *, declared: int | None = None, credentials: tuple[bytes, bytes] | None = None
) -> tuple[int, dict[str, Any], int]:
    """Status, body and how many chunks were taken."""
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"accept", b"application/json")]
    if declared is not None:
        headers.append((b"content-length", str(declared).encode()))
    if credentials is not None:
        headers.append(credentials)
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
    }  # fmt: skip
    taken, sent = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken == chunks:
            await asyncio.Event().wait()  # the client waits for its answer
        taken += 1
        return {"type": "http.request", "body": bytes(CHUNK), "more_body": taken < chunks}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], json.loads(b"".join(m.get("body", b"") for m in sent[1:])), taken


@pytest.fixture
def operator(client: Client) -> dict[str, tuple[bytes, bytes]]:
    """The two ways in which somebody who may upload can say so."""
    user = owner()
    client.force_login(user)
    _, secret = create_token(user, "laptop")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "session": (b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()),
        "token": (b"authorization", f"Bearer {secret}".encode()),
    }


@pytest.mark.parametrize("way", ["session", "token"])
async def test_a_declared_size_over_the_limit_is_refused_unread(
    operator: dict[str, tuple[bytes, bytes]], way: str
) -> None:
    limit = UPLOAD_LIMITS["/api/v1/profiles"]
    status, body, taken = await post(
        application, "/api/v1/profiles", 10**6, declared=limit + 1, credentials=operator[way]
    )
    assert (status, taken) == (413, 0)
    assert body["error"]["code"] == "too_large"
    assert f"{limit:,} bytes" in body["error"]["message"]


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        (b"authorization", b"Bearer wp_guessed"),
        (b"authorization", b"Basic eDp5"),
        (b"cookie", b"sessionid=guessed"),
    ],
)
async def test_a_stranger_s_file_is_refused_before_it_is_written_anywhere(
    credentials: tuple[bytes, bytes] | None,
) -> None:
    path = "/api/v1/profiles"
    status, body, taken = await post(application, path, 10**6, declared=100 * CHUNK, credentials=credentials)
    assert (status, body["error"]["code"], taken) == (401, "unauthenticated", 0)
    status, _, taken = await post(application, path, 10**6, credentials=credentials)
    assert (status, taken) == (401, DEFAULT_LIMIT // CHUNK + 1)


async def test_a_body_that_does_not_say_its_size_is_cut_off() -> None:
    status, _, taken = await post(application, "/api/v1/jobs", 10**6)
    assert (status, taken) == (413, DEFAULT_LIMIT // CHUNK + 1)


async def test_a_body_under_the_limit_reaches_the_application() -> None:
    status, body, _ = await post(application, "/api/v1/jobs", 1)
    assert (status, body["error"]["code"]) == (401, "unauthenticated")


async def test_each_path_has_its_limit() -> None:
    limited = BodyLimit(_never, {"/up": 10}, knows_all)
    status, body, _ = await post(limited, "/up", 1, declared=11)
    assert (status, body["error"]["message"]) == (413, "the request is over the limit of 10 bytes")


async def knows_all(_: Any) -> bool:
    return True


async def _never(*_: Any) -> None:
    raise AssertionError("the application must not see this request")
