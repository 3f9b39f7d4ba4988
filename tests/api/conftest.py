"""Clients that call the API as a person's script does: with a token, and as a page does: with a session."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.models import ApiToken
from profiler.sharing.secret import digest, new_secret


class ApiClient:
    """Sends JSON with one user's token; anonymous without a user."""

    def __init__(self, user: User | None) -> None:
        self._headers: dict[str, str] = {}
        if user is not None:
            secret = new_secret()
            # Not create_token: also who has lost every right may still have a token.
            ApiToken.objects.create(user=user, name="test", token_hash=digest(secret))
            self._headers["Authorization"] = f"Bearer {secret}"
        self._client = Client(enforce_csrf_checks=True)

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v1/{path}", query, headers=self._headers)

    def post(self, path: str, data: Any = None) -> Any:
        return self._client.post(f"/api/v1/{path}", data or {}, content_type="application/json", headers=self._headers)

    def put(self, path: str, data: Any = None) -> Any:
        return self._client.put(f"/api/v1/{path}", data or {}, content_type="application/json", headers=self._headers)

    def send(self, path: str, **form: Any) -> Any:
        """A multipart form."""
        return self._client.post(f"/api/v1/{path}", form, headers=self._headers)

    def delete(self, path: str) -> Any:
        return self._client.delete(f"/api/v1/{path}", headers=self._headers)


As = Callable[[User | None], ApiClient]


@pytest.fixture
def call() -> As:
    return ApiClient
