"""What goes wrong in the profile store is told over HTTP in words: what is missing, what was refused and why."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler import heartbeats
from profiler.catalog import upkeep
from profiler.catalog.local import local_store, segment_store
from profiler.core import wire
from profiler.core.continuous import CONTINUOUS, SOURCE
from profiler.core.profile import Profile
from profiler.ingest.drain import drain
from profiler.ingest.keep import keep
from profiler.jobs.hosts import register
from profiler.models import StoreSegment
from tests.agent_double import PERIOD_NS, START_NS, AgentDouble, cpu_profile
from tests.api.conftest import As

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
# An hour ago, at a time at which no step of a rollup begins.
BEGIN_S = int(time.time()) // 3600 * 3600 - 3600 + 123


@pytest.fixture(autouse=True)
def empty_store() -> None:
    local_store.cache_clear()


@pytest.fixture
def operations(admin: User, agent: AgentDouble) -> Client:
    """Who may see the page, and a host that the server knows."""
    agent.beat()
    register(heartbeats.living())
    client = Client(headers={"host": "localhost"})
    client.force_login(admin)
    return client


def made(at_s: int, **labels: str) -> Profile:
    profile = cpu_profile("web-1", start_s=at_s - START_NS // 10**9)
    meta = replace(profile.meta, id=str(uuid4()), labels={SOURCE: CONTINUOUS, **labels})
    return replace(profile, meta=meta)


def asked() -> dict[str, str]:
    """A range of half an hour whose edges only profiles can answer."""
    times = (datetime.fromtimestamp(at, UTC).isoformat() for at in (BEGIN_S, BEGIN_S + 1800))
    return dict(zip(("since", "until"), times, strict=True))


@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_an_answer_says_what_is_missing_and_has_the_rest(viewer: User, call: As, how: str) -> None:
    for minute in (1, 2):
        keep(made(BEGIN_S + minute * 60))
        upkeep.compact()
    whole = wire.decode(call(viewer).get("explore/tree", **asked()).content).total[0]
    for kind in ("raw", "hdr"):
        path = segment_store().files.root / StoreSegment.objects.filter(kind=kind).order_by("id")[0].path
        if how == "missing":
            path.unlink()
        else:
            path.write_bytes(b"PAR1 noise")
    answer = call(viewer).get("explore/tree", **asked())
    assert (answer.status_code, answer.headers["X-Missing"]) == (200, "1")
    assert wire.decode(answer.content).total[0] == whole / 2
    series = call(viewer).get("explore/series", **asked()).json()
    assert len(series["missing"]) == 1
    assert sum(map(sum, series["values"])) == whole / 2


def test_a_label_with_too_many_values_is_refused_and_named_on_the_operations_page(
    operations: Client, agent: AgentDouble, monkeypatch: pytest.MonkeyPatch, viewer: User, call: As
) -> None:
    monkeypatch.setattr("profiler.catalog.series.MAX_SERIES", 3)
    for number in range(5):
        agent.send_continuous(made(BEGIN_S + number, request=f"id-{number}"))
    drain()
    page = operations.get("/operations/").content.decode()
    assert "sets of labels already; label &#x27;request&#x27; has the most values: don&#x27;t send it" in page
    series = call(viewer).get("explore/series", **asked(), by="request").json()
    assert sorted(series["groups"]) == ["id-0", "id-1", "id-2"], "what came before stays"


def test_a_profile_from_the_future_is_refused_with_its_host_on_the_operations_page(
    operations: Client, agent: AgentDouble, viewer: User, call: As
) -> None:
    agent.send_continuous(made(BEGIN_S + 60))
    agent.send_continuous(made(int(time.time()) + 86_400))
    drain()
    page = operations.get("/operations/").content.decode()
    assert "profile of host &#x27;web-1&#x27; begins in 86" in page
    assert "set the clock of that host" in page
    tree = wire.decode(call(viewer).get("explore/tree", **asked()).content)
    assert tree.total[0] % PERIOD_NS == 0
    assert tree.total[0] > 0


def test_a_range_of_ten_years_is_refused_in_a_sentence(viewer: User, call: As) -> None:
    answer = call(viewer).get("explore/tree", since="2016-01-01T00:00:00Z", until="2026-01-01T00:00:00Z")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == (
        "a range of 3,653 days is longer than anything is kept: at most 400 days (MAX_RANGE_MS)"
    )
