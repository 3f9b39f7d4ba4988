"""The pages of continuous profiling, service rules and operations: what they show, take and refuse."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from profiler import heartbeats
from profiler.catalog import upkeep
from profiler.catalog.local import local_store, segment_store
from profiler.catalog.rounds import told
from profiler.core.channel import CONTINUOUS_STREAM
from profiler.core.continuous import ContinuousSettings
from profiler.core.inventory import Continuous
from profiler.ingest.drain import drain
from profiler.jobs.hosts import register
from profiler.models import Change, ContinuousPlan, ServiceRule, StoreSegment, Upkeep
from tests.agent_double import START_NS, AgentDouble
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
PLAN = {
    "selector": 'host=~"web-.*"',
    "on": "true",
    "frequency": "19",
    "length_s": "10",
    "labels": "env=prod, team=shop",
}
RULE = {"source": "program", "pattern": "python(.*)", "service": r"shop \1", "selector": ""}


@pytest.fixture
def client(admin: User, browser: Browser, known: AgentDouble) -> Client:
    return browser(admin)


def text(client: Client, path: str, **query: str) -> str:
    return client.get(path, query).content.decode()


@pytest.mark.parametrize("persona", ["owner", "viewer"])
@pytest.mark.parametrize(("path", "data"), [("/continuous/", PLAN), ("/services/", RULE)])
def test_only_admins_keep_plans_and_rules(
    persona: str, path: str, data: dict[str, str], known: AgentDouble, browser: Browser, request: pytest.FixtureRequest
) -> None:
    assert browser(request.getfixturevalue(persona)).post(path, data).status_code == 403
    assert not ContinuousPlan.objects.exists()
    assert not ServiceRule.objects.exists()


def test_without_a_plan_the_page_says_what_to_do(client: Client) -> None:
    page = text(client, "/continuous/")
    assert "No plan yet, so no host profiles continuously" in page
    assert "Add plan" in page


def test_a_plan_is_kept_shown_and_says_for_how_many_hosts_it_counts(client: Client) -> None:
    assert client.post("/continuous/", PLAN).status_code == 302
    plan = ContinuousPlan.objects.get()
    assert (plan.selector, plan.labels) == (PLAN["selector"], {"env": "prod", "team": "shop"})
    page = text(client, "/continuous/")
    assert "host=~&quot;web-.*&quot;" in page
    assert "1 host" in page
    assert "being switched on" in page
    assert "ada" in page, "who made it"
    edited = text(client, "/continuous/", edit=str(plan.pk))
    assert 'value="env=prod, team=shop"' in edited
    assert client.post("/continuous/", PLAN | {"plan": str(plan.pk), "frequency": "49"}).status_code == 302
    assert ContinuousPlan.objects.get().frequency == 49
    assert "frequency: 19 → 49" in text(client, "/continuous/")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"selector": "host="}, "selector, character 6: expected a text in double quotes"),
        ({"frequency": "1000"}, "less than or equal to 99"),
        ({"length_s": "x"}, "valid integer"),
        ({"labels": "env"}, "is not NAME=VALUE"),
        ({"labels": "host=x"}, "webprof itself says"),
    ],
)
def test_a_wrong_plan_is_told_beside_the_form_which_keeps_what_was_typed(
    client: Client, wrong: dict[str, str], says: str
) -> None:
    response = client.post("/continuous/", PLAN | wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert says.lower() in page.lower()
    assert f'value="{next(iter(wrong.values()))}"' in page
    assert not ContinuousPlan.objects.exists()


def test_the_states_of_hosts_are_told_apart(client: Client, known: AgentDouble) -> None:
    client.post("/continuous/", PLAN)
    asked = ContinuousSettings(on=True, labels={"env": "prod", "team": "shop"})
    for is_now, says in (
        (Continuous(), "being switched on"),
        (Continuous(asked=asked), "starting"),
        (Continuous(asked=asked, sampling=True, frequency=19, profiles=1234), "1\u2009234"),
        (Continuous(asked=asked, sampling=True, problem="this agent allows 7 Hz at most"), "on, limited"),
        (Continuous(asked=asked, problem="no BPF here; again in 30 s"), "does not record"),
        (Continuous(asked=asked, sampling=True, spooled=77, dropped=5), "5 dropped"),
    ):
        known.beat(continuous=is_now)
        page = text(client, "/continuous/")
        assert says in page
        assert is_now.problem in page
    ContinuousPlan.objects.all().delete()
    assert "being switched off" in text(client, "/continuous/")
    known.die()
    assert "gone" in text(client, "/continuous/")


def test_one_host_is_switched_from_its_page(client: Client) -> None:
    assert "Switch on here" in text(client, "/hosts/web-1/")
    assert client.post("/hosts/web-1/continuous/", {"on": "true"}).headers["Location"] == "/hosts/web-1/"
    assert "Switch off here" in text(client, "/hosts/web-1/")
    assert ContinuousPlan.objects.get().selector == 'host="web-1"'


def test_a_preview_shows_what_would_change_and_keeps_nothing(client: Client) -> None:
    page = client.post("/services/", {**RULE, "preview": "1"}).content.decode()
    assert "What would match now" in page
    assert "What would match now" in text(client, "/services/", preview="1", **RULE)
    assert "shop 3" in page
    assert "python3" in page
    assert "was" in page
    assert not ServiceRule.objects.exists()
    client.post("/services/", RULE)
    page = text(client, "/services/")
    assert "shop 3" in page
    assert "What matches now" in page
    assert Change.objects.get().action == "made"


def test_a_preview_of_a_changed_rule_takes_its_place(client: Client) -> None:
    client.post("/services/", RULE)
    client.post("/services/", {**RULE, "pattern": ".*", "service": "rest"})
    first = ServiceRule.objects.get(service=r"shop \1")
    page = text(client, "/services/", preview="1", rule=str(first.pk), **(RULE | {"service": "better"}))
    assert "better" in page
    assert "was" in page
    page = text(client, "/services/", preview="1", rule=str(first.pk), **(RULE | {"pattern": "none"}))
    assert "rest" in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"pattern": "("}, "missing )"),
        ({"pattern": ""}, "at least 1 character"),
        ({"service": r"\7"}, "parenthesized subexpressions"),
        ({"source": "variable"}, "say which variable the rule looks at"),
        ({"source": "variable", "variable": "A-B"}, "match pattern"),
        ({"source": "x"}, "program"),
        ({"selector": "host"}, "character 5: expected ="),
    ],
)
@pytest.mark.parametrize("way", ["preview", "keep"])
def test_a_wrong_rule_is_told_beside_the_form(client: Client, wrong: dict[str, str], says: str, way: str) -> None:
    given = {**RULE, **wrong}
    response = (
        client.post("/services/", given) if way == "keep" else client.get("/services/", {**given, "preview": "1"})
    )
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not ServiceRule.objects.exists()


def test_an_empty_store_teaches_the_next_step(client: Client) -> None:
    page = text(client, "/operations/")
    assert "Nothing is stored yet" in page
    assert "/continuous/" in page
    assert "not run yet" in page


@pytest.fixture
def stored(client: Client, known: AgentDouble, monkeypatch: pytest.MonkeyPatch) -> Client:
    """After a profile came, and a compaction."""
    local_store.cache_clear()
    monkeypatch.setattr("profiler.ingest.keep.time.time_ns", lambda: START_NS + 10**9)
    known.send_continuous(known.profile())
    drain()
    upkeep.compact()
    return client


def test_operations_show_segments_and_the_compaction_that_made_them(stored: Client) -> None:
    page = text(stored, "/operations/")
    assert "1 profiles into segments and rollups" in page
    assert "each profile&#x27;s samples" in page
    assert "All work is done in time" in page
    upkeep.compact()
    page = text(stored, "/operations/")
    assert "nothing to do" in page
    assert "1 profiles into segments and rollups" in page, "the last time it did something stays"


def test_missing_segments_are_counted_and_named(stored: Client) -> None:
    path = StoreSegment.objects.filter(kind="raw").values_list("path", flat=True)[0]
    (segment_store().files.root / path).unlink()
    page = text(stored, "/operations/")
    assert "1 segments are not there: run `manage.py store check --repair`" in page
    assert path in page


def test_failed_and_late_work_is_said_first(client: Client) -> None:
    with pytest.raises(OSError, match="no space"), told("compaction"):
        raise OSError("no space left on device")
    assert "Compaction failed: no space left on device" in text(client, "/operations/")
    Upkeep.objects.update(ran_at=timezone.now() - timedelta(minutes=5))
    assert "is a worker running?" in text(client, "/operations/")


def test_what_waits_too_long_is_a_lag(client: Client, known: AgentDouble) -> None:
    old = int((timezone.now() - timedelta(minutes=3)).timestamp() * 1000)
    known.redis.xadd(CONTINUOUS_STREAM, {"data": b""}, id=f"{old}-0")
    page = text(client, "/operations/")
    assert "Profiles of continuous profiling wait for 18" in page
    drain()
    page = text(client, "/operations/")
    assert "wait for" not in page
    assert "batch is damaged" in page, "what was refused, and why"


def test_agents_are_sorted_by_what_waits_there(client: Client, known: AgentDouble) -> None:
    AgentDouble(known.redis, "db-1").beat(continuous=Continuous(spooled=10, spooled_bytes=2048, dropped=3))
    register(heartbeats.living())
    assert "db-1" in text(client, "/operations/")
    page = text(client, "/operations/", sort="waiting")
    assert page.index("web-1</a>") < page.index("db-1</a>")
    page = text(client, "/operations/", sort="-waiting")
    assert page.index("db-1</a>") < page.index("web-1</a>")
    assert "agents dropped what they could not send: db-1" in page.lower()
    assert client.get("/operations/", {"sort": "shoe size"}).status_code == 422


def test_a_disk_that_is_nearly_full_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profiler.query.operations.MIN_FREE_SHARE", 1.1)
    assert f"of the disk of {settings.DATA_DIR} is free" in text(client, "/operations/")
