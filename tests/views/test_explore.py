"""The explore page: a selection as bars over time, and a wrong one in words beside the form."""

import time

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.catalog.local import local_store
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, Thread
from profiler.core.profile import ProfileMeta
from profiler.ingest.keep import keep

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, viewer: User) -> Client:
    local_store.cache_clear()
    for number in range(10):
        start_ns = (int(time.time()) - 600 * number) * 10**9
        builder = ProfileBuilder(ProfileMeta(id=f"p{number}", host="web-1", start_ns=start_ns, duration_ns=10**9))
        builder.add(builder.child(-1, builder.frame(Frame("main"))), 5, builder.thread(Thread(1, 1, f"<b>{number}")))
        keep(builder.build())
    client.force_login(viewer)
    return client


def test_the_page_shows_a_selection_over_time(browser: Client) -> None:
    page = browser.get("/explore/", {"hours": "6"}).content.decode()
    assert "10 profiles" in page
    assert page.count("<rect class=") >= 10
    assert "3 others" in page
    assert "<b>1" not in page
    assert "since=" in page
    only = browser.get("/explore/", {"selector": 'service="<b>1"', "by": "host"}).content.decode()
    assert "1 profiles" in only
    assert "web-1" in only


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"selector": "service="}, "character 9"),
        ({"hours": "5"}, "hours"),
        ({"since": "yesterday", "until": "2026-01-01"}, "is no time such as"),
        ({"since": "2000-01-01", "until": "2026-01-01"}, "MAX_RANGE_MS"),
        ({"by": "a b"}, "not the name of a label"),
    ],
)
def test_a_wrong_selection_is_told_beside_the_form(browser: Client, query: dict[str, str], says: str) -> None:
    response = browser.get("/explore/", query)
    assert response.status_code == 422
    assert says in response.content.decode()


def test_an_empty_store_is_an_empty_page(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    response = client.get("/explore/")
    assert response.status_code == 200
    assert "0 profiles" in response.content.decode()
