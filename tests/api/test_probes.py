"""What can be recorded is listed with its parameters, and whether a host can."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler import heartbeats
from profiler.core.inventory import Capability
from profiler.core.spec import RecordingSpec
from profiler.jobs.hosts import register
from profiler.models import Job
from tests.agent_double import AgentDouble
from tests.sample_probe import TEA, offer

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tea(monkeypatch: pytest.MonkeyPatch, agent: AgentDouble) -> AgentDouble:
    offer(monkeypatch, TEA)
    agent.beat(probes=(Capability(name="tea", available=True),))
    register(heartbeats.living())
    return agent


def listed(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"/api/v1/probes{query}")
    assert response.status_code == 200
    return {probe["name"]: probe for probe in response.json()}


def test_probes_tell_what_they_take_need_and_cost(owner: User, client: Client, tea: AgentDouble) -> None:
    client.force_login(owner)
    found = listed(client)
    assert next(iter(found)) == "cpu"
    probe = found["tea"]
    assert (probe["title"], probe["unit"], probe["cost_ns"], probe["available"]) == (
        "Tea time",
        "nanoseconds",
        700,
        None,
    )
    assert probe["needs"][1] == {"tracepoint": "lock:contention_end", "kernel": "Linux 5.19 or later"}
    least, milk, cook = probe["parameters"]
    assert (least["type"], least["least"], least["most"], least["unit"], least["default"]) == (
        "number",
        0,
        10**6,
        "µs",
        5,
    )
    assert (milk["type"], milk["default"], cook["type"], cook["default"]) == ("flag", True, "text", "")


def test_a_host_is_asked_what_it_has(owner: User, client: Client, tea: AgentDouble) -> None:
    client.force_login(owner)
    assert listed(client, "?host=web-1")["tea"]["available"] is True
    tea.beat(probes=(Capability(name="tea", available=False, reason="no leaves", fix="a newer kitchen"),))
    found = listed(client, "?host=web-1")["tea"]
    assert (found["available"], found["reason"], found["fix"]) == (False, "no leaves", "a newer kitchen")
    assert client.get("/api/v1/probes?host=nowhere").status_code == 404


def test_who_has_no_role_sees_none(stranger: User, viewer: User, client: Client, tea: AgentDouble) -> None:
    assert client.get("/api/v1/probes").status_code == 401
    client.force_login(stranger)
    assert client.get("/api/v1/probes").status_code == 404
    client.force_login(viewer)
    assert "tea" in listed(client)


def start(client: Client, **spec: Any) -> Any:
    return client.post("/api/v1/jobs", {"hosts": ["web-1"], **spec}, content_type="application/json")


def test_a_job_has_a_probe_and_its_parameters(owner: User, client: Client, tea: AgentDouble) -> None:
    client.force_login(owner)
    assert start(client, probe="tea", parameters={"least_us": 7, "milk": False}).status_code == 201
    assert Job.objects.get().recording == RecordingSpec(probe="tea", parameters={"least_us": 7, "milk": False})


@pytest.mark.parametrize(
    ("spec", "field", "says"),
    [
        ({"probe": "coffee"}, "probe", "there is no probe 'coffee' that records stacks; there are cpu, "),
        ({"probe": "tea", "parameters": {"least_us": -1}}, "parameters", "from 0 to 1000000 µs"),
        ({"probe": "tea", "parameters": {"least_us": "7"}}, "parameters", "least_us='7' must be a whole number"),
        ({"probe": "tea", "parameters": {"cup": 1}}, "parameters", "no parameter cup; it has least_us, milk, cook"),
        ({"probe": "tea", "parameters": {"cook": "x" * 5000}}, None, "longer than 4096 characters"),
        ({"probe": "tea", "frequency": 99}, None, "frequency is about sampling CPUs"),
        ({"probe": "tea", "count": 10**7}, None, "leave count out"),
        ({"probe": "tea; rm"}, "probe", "match pattern"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    owner: User, client: Client, tea: AgentDouble, spec: dict[str, Any], field: str | None, says: str
) -> None:
    client.force_login(owner)
    response = start(client, **spec)
    error = response.json()["error"]
    assert response.status_code in (400, 422)
    assert says in error["message"]
    assert error.get("field") == field
    assert not Job.objects.exists()


def test_a_host_tells_which_of_several_ways_it_takes_and_its_page_shows_it(
    owner: User, client: Client, tea: AgentDouble
) -> None:
    client.force_login(owner)
    how = "cold: it is drunk cold (not hot: no fire)"
    tea.beat(probes=(Capability(name="tea", available=True, how=how),))
    assert listed(client, "?host=web-1")["tea"]["how"] == how
    assert how in client.get("/hosts/web-1/").content.decode()
    assert listed(client)["tea"]["ways"] == []
