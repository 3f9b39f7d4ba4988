"""A browser's side of a socket: Origin and session as a browser sends them."""

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from tests.consumers.browser_socket import BrowserSocket
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
