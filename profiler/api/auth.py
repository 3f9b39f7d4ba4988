"""Who calls: a token, or the session of a browser (then with a CSRF token for everything that writes)."""

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
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
