"""Pages for when a page can't be shown."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from profiler import streams
from tests.agent_double import AgentDouble
from tests.views.conftest import Browser
from webprof.urls import handler500
from webprof.urls import urlpatterns as ours

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("out of coffee")


urlpatterns = [path("broken/", broken), *ours]
__all__ = ["handler500", "urlpatterns"]


@pytest.fixture
def redis_away() -> Iterator[None]:
    with override_settings(REDIS_URL="unix:///nowhere/redis.sock"):
        yield
    streams._client.cache_clear()


@pytest.mark.parametrize("address", ["/nowhere/", "/hosts/nobody/", f"/runs/{'0' * 8}-0000-4000-8000-{'0' * 12}/"])
def test_what_does_not_exist_is_named(owner: User, agent: AgentDouble, browser: Browser, address: str) -> None:
    response = browser(owner).get(address)
    assert response.status_code == 404
    assert address.strip("/").split("/")[-1] in response.content.decode()


def test_without_redis_pages_say_so_at_once(
    owner: User, known: AgentDouble, browser: Browser, redis_away: None
) -> None:
    response = browser(owner).get("/hosts/")
    assert response.status_code == 503
    assert "Redis does not answer" in response.content.decode()


def test_a_failure_has_a_number_that_the_log_has_too(
    owner: User, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    client = browser(owner)
    client.raise_request_exception = False
    with override_settings(ROOT_URLCONF=__name__), caplog.at_level(logging.ERROR):
        response = client.get("/broken/")
    assert response.status_code == 500
    quote = re.search(r'id="quote">([0-9a-f]{8})<', response.content.decode())
    assert quote
    assert f"error {quote[1]}: GET /broken/" in caplog.text
    assert "out of coffee" not in response.content.decode()


def test_a_module_gets_the_bare_message(owner: User, agent: AgentDouble, client: Client) -> None:
    client.force_login(owner)
    response = client.get("/hosts/nobody/", headers={"Accept": "*/*"})
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "nobody" in response.content.decode()
