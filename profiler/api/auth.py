"""Who calls: a token, or the session of a browser (then with a CSRF token for everything that writes)."""

import io
from collections.abc import Mapping
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from profiler.sharing import authenticate_token


class TokenAuth(HttpBearer):
    """`Authorization: Bearer wp_…`. A wrong token is refused even when there is a session, too."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        user = authenticate_token(token)
        if user is None:
            raise AuthenticationError
        request.user = user
        return user


class SessionAuth(APIKeyCookie):
    """The browser's session. Anonymous callers learn that they must log in, not that a CSRF token was missing."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=True)

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        user = request.user
        if not isinstance(user, User):
            return None
        if check_csrf(request):
            raise HttpError(403, "the CSRF token is missing or wrong: send it as X-CSRFToken, or use an API token")
        return user


@database_sync_to_async
def knows_caller(scope: Mapping[str, Any]) -> bool:
    """Whether an ASGI request comes with a valid token or session; its body is not read. What the caller may do is
    decided later, as for every request.
    """
    request = ASGIRequest(dict(scope), io.BytesIO())
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return scheme.lower() == "bearer" and authenticate_token(token) is not None
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    return get_user(request).is_authenticated
