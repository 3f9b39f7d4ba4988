"""A browser's side of a socket: Origin and session as a browser sends them."""

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from profiler.consumers import watched_feed
from profiler.jobs.hosts import register
from profiler.probes.registry import all_probes
from tests.agent_double import AgentDouble, host_inventory
from tests.consumers.browser_socket import BrowserSocket
from tests.consumers.feed_viewer import PATH, Look, Viewer
from tests.feed_double import DEMO, FeedDouble
from webprof.asgi import application

Connect = Callable[..., Awaitable[BrowserSocket]]


@pytest.fixture
def browse() -> Connect:
    """`await browse(path, user)`: a socket that has not connected yet."""

    async def open_socket(
        path: str, user: User | None, origin: bytes = b"http://localhost:8000", query: str = ""
    ) -> BrowserSocket:
        headers = [(b"origin", origin)]
        if user is not None:
            headers.append((b"cookie", await sync_to_async(_session_cookie)(user)))
        return BrowserSocket(application, path, headers, query)

    return open_socket


def _session_cookie(user: User) -> bytes:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()


@pytest.fixture
def demo_feed(agent: AgentDouble, monkeypatch: pytest.MonkeyPatch, db: None) -> FeedDouble:
    """A feed of probe `demo` on web-1, which the server knows."""
    monkeypatch.setitem(all_probes(), DEMO.name, DEMO)
    monkeypatch.setattr(watched_feed, "RENEW_S", 0.05)
    register({"web-1": host_inventory("web-1")})
    return FeedDouble(agent.redis)


@pytest.fixture
def look(browse: Connect) -> Look:
    """`await look(user, query)`: the page of a feed."""

    async def open_page(user: User | None, query: str = "", path: str = PATH) -> Viewer:
        socket = await browse(path, user, query=query)
        assert await socket.connect()
        return Viewer(socket)

    return open_page
