"""Requests are answered by threads that stay, through the handler that the server runs."""

import asyncio
import threading
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from webprof.handler import THREADS, PooledHandler

PATIENCE_S = 30.0
together = threading.Barrier(THREADS, timeout=PATIENCE_S)


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(threading.current_thread().name)


def wait(request: HttpRequest) -> HttpResponse:
    """Answers once as many others ask as there are threads."""
    together.wait()
    return HttpResponse(threading.current_thread().name)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a view that fails")


def handler500(request: HttpRequest) -> HttpResponse:
    return HttpResponse("it failed", status=500)


urlpatterns = [path("who", who), path("wait", wait), path("broken", broken)]


async def get(handler: PooledHandler, name: str) -> tuple[int, str]:
    sent: list[dict[str, Any]] = []
    asked = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if asked.is_set():
            await asyncio.Event().wait()  # the client waits for its answer
        asked.set()
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": f"/{name}",
        "raw_path": f"/{name}".encode(), "query_string": b"", "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1), "server": ("localhost", 8000),
    }  # fmt: skip
    await handler(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


@pytest.fixture(autouse=True)
def own_pages() -> Any:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield


def test_as_many_requests_are_answered_at_once_as_there_are_threads() -> None:
    async def all_at_once() -> list[tuple[int, str]]:
        handler = PooledHandler()
        return await asyncio.gather(*(get(handler, "wait") for _ in range(THREADS)))

    answers = asyncio.run(all_at_once())
    assert {status for status, _ in answers} == {200}
    assert len({thread for _, thread in answers}) == THREADS


def test_a_thread_answers_one_request_after_the_other() -> None:
    async def one_by_one() -> set[str]:
        handler = PooledHandler()
        return {(await get(handler, "who"))[1] for _ in range(3 * THREADS)}

    threads = asyncio.run(one_by_one())
    assert all(name.startswith("request") for name in threads)
    assert len(threads) <= THREADS


def test_a_view_that_fails_is_an_answer_and_its_thread_goes_on() -> None:
    async def after_failures() -> list[int]:
        handler = PooledHandler()
        failed = [(await get(handler, "broken"))[0] for _ in range(THREADS + 1)]
        return [*failed, (await get(handler, "who"))[0]]

    assert asyncio.run(after_failures()) == [500] * (THREADS + 1) + [200]


def test_what_is_no_http_is_refused() -> None:
    async def nothing(*_: Any) -> None: ...

    with pytest.raises(ValueError, match="websocket"):
        asyncio.run(PooledHandler()({"type": "websocket"}, nothing, nothing))
