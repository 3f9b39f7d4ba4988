"""Segments in an object store: what people see of it, and what they see when it takes nothing."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from profiler.catalog import upkeep
from profiler.catalog.local import local_store
from profiler.ingest.drain import drain
from profiler.models import StoreHot
from tests.agent_double import START_NS, AgentDouble
from tests.api.conftest import ApiClient
from tests.store.backends import s3_address, s3_endpoint
from tests.store.s3_server import FULL, NOTHING, tell
from tests.views.conftest import Browser
from tests.views.test_fleet import text

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
RANGE = {"since": str(START_NS // 10**9 - 3600), "until": str(START_NS // 10**9 + 3600)}


@pytest.fixture
def keep_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets WEBPROF_STORE; empty: the local disk."""

    def setting(url: str) -> None:
        monkeypatch.setattr(django_settings, "STORE_URL", url)
        local_store.cache_clear()

    monkeypatch.setattr("profiler.ingest.keep.time.time_ns", lambda: START_NS + 10**9)
    monkeypatch.setattr(django_settings, "STORE_OPTIONS_SECRET", json.dumps(dict(s3_address().options)))
    yield setting
    tell(s3_endpoint(), NOTHING)
    local_store.cache_clear()


@pytest.fixture
def client(admin: User, browser: Browser, known: AgentDouble) -> Client:
    return browser(admin)


def come(agent: AgentDouble) -> None:
    """A profile arrives, and the worker looks after the store."""
    agent.send_continuous(agent.profile())
    drain()
    upkeep.compact()


def test_a_person_moves_segments_there_and_back_and_sees_where_they_are(
    client: Client,
    known: AgentDouble,
    keep_in: Callable[[str], None],
    admin: User,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep_in("")
    come(known)
    before = ApiClient(admin).get("explore/tree", **RANGE).content
    url = s3_address().url
    keep_in(url)
    assert "segments are on this server&#x27;s disk only: `manage.py store move objects`" in text(
        client, "/operations/"
    )
    call_command("store", "move", "objects")
    assert " segments moved" in capsys.readouterr().out
    page = text(client, "/operations/")
    assert url in page
    assert "All work is done in time" in page
    call_command("store", "status")
    assert f"segments in {url}, 0 on this disk only; copies take 0.0 of 10.0 GiB here" in capsys.readouterr().out
    assert ApiClient(admin).get("explore/tree", **RANGE).content == before
    call_command("store", "check")
    keep_in("")
    assert "segments are in an object store, and WEBPROF_STORE does not say where" in text(client, "/operations/")
    keep_in(url)
    call_command("store", "move", "local")
    keep_in("")
    assert ApiClient(admin).get("explore/tree", **RANGE).content == before
    assert "All work is done in time" in text(client, "/operations/")


def test_a_full_bucket_is_said_and_profiles_wait(
    client: Client,
    known: AgentDouble,
    keep_in: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    keep_in(s3_address().url)
    tell(s3_endpoint(), FULL)
    come(known)
    assert StoreHot.objects.count() == 1
    page = text(client, "/operations/")
    assert "Compaction failed: s3://profiles/" in page
    assert "XMinioStorageFull" in page
    call_command("store", "status")
    said = capsys.readouterr().out
    assert "1 profiles wait" in said
    assert "XMinioStorageFull" in said
    for told in (page, said, caplog.text):
        assert "a-secret-for-tests" not in told
    tell(s3_endpoint(), NOTHING)
    upkeep.compact()
    assert StoreHot.objects.count() == 0
    assert "All work is done in time" in text(client, "/operations/")
