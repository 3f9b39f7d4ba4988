"""Where a ClickHouse server has the profiles: what people see of it, and what they see when it is gone."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from profiler.catalog import upkeep
from profiler.catalog.local import local_store
from profiler.ingest.drain import drain
from profiler.models import StoreHot
from tests.agent_double import START_NS, AgentDouble
from tests.api.conftest import ApiClient
from tests.store.backends import clickhouse_url
from tests.views.conftest import Browser
from tests.views.test_fleet import text

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
GONE = "clickhouse://me:secret@127.0.0.1:1/webprof"
RANGE = {"since": str(START_NS // 10**9 - 3600), "until": str(START_NS // 10**9 + 3600)}


@pytest.fixture
def kept_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def setting(url: str) -> None:
        monkeypatch.setattr(django_settings, "STORE_URL", url)
        local_store.cache_clear()

    yield setting
    local_store.cache_clear()


@pytest.fixture
def client(admin: User, browser: Browser, known: AgentDouble) -> Client:
    return browser(admin)


@pytest.fixture
def stored(
    client: Client, known: AgentDouble, kept_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> Client:
    """After a profile came, and a batch was sent."""
    kept_in(clickhouse_url())
    monkeypatch.setattr("profiler.ingest.keep.time.time_ns", lambda: START_NS + 10**9)
    known.send_continuous(known.profile())
    drain()
    upkeep.compact()
    return client


def test_operations_show_what_the_server_holds(stored: Client, capsys: pytest.CaptureFixture[str]) -> None:
    page = text(stored, "/operations/")
    assert "ClickHouse at 127.0.0.1:" in page
    assert "1 profiles into segments and rollups" in page
    assert "each profile&#x27;s samples" in page
    assert "All work is done in time" in page
    call_command("store", "status")
    said = capsys.readouterr().out
    assert "hdr           1 parts              1 rows" in said
    assert "0 profiles wait" in said
    assert "last error none" in said


def test_operations_of_the_api_tell_the_same(stored: Client, admin: User) -> None:
    found = ApiClient(admin).get("operations").json()
    assert found["server"]["problem"] == ""
    assert {kind["kind"]: kind["rows"] for kind in found["kinds"]}["hdr"] == 1
    assert (found["hot_rows"], found["missing"], found["trouble"]) == (0, 0, [])


def test_a_server_that_is_gone_is_said_and_profiles_wait(
    stored: Client, known: AgentDouble, admin: User, kept_in: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    kept_in(GONE)
    known.send_continuous(known.profile())
    drain()
    upkeep.compact()
    assert StoreHot.objects.count() == 1
    page = text(stored, "/operations/")
    assert "ClickHouse at 127.0.0.1:1 does not answer: " in page
    assert "1 profiles wait in the database and nothing is lost" in page
    assert "Compaction failed" in page
    assert "secret" not in page
    with pytest.raises(CommandError, match="none is lost"):
        call_command("store", "status")
    assert "1 profiles wait" in capsys.readouterr().out
    answer = ApiClient(admin).get("explore/tree", **RANGE)
    assert answer.status_code == 503
    assert "ClickHouse at 127.0.0.1:1 does not answer" in answer.json()["error"]["message"]


def test_what_waited_is_sent_when_it_is_back(
    stored: Client, known: AgentDouble, kept_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = django_settings.STORE_URL
    kept_in(GONE)
    known.send_continuous(known.profile())
    drain()
    upkeep.compact()
    kept_in(here)
    upkeep.compact()
    assert StoreHot.objects.count() == 0
    assert "All work is done in time" in text(stored, "/operations/")
