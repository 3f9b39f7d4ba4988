"""Bad input: the answer names the field, the value and what is allowed, always in one shape."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone

from profiler.core.spec import RecordingSpec
from profiler.jobs import start
from profiler.models import Host
from tests.agent_double import AgentDouble
from tests.api.conftest import As
from tests.personas import PASSWORD

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"frequency": 0}, "frequency", "frequency: input should be greater than or equal to 1, not 0"),
        ({"frequency": 10**6}, "frequency", "frequency: input should be less than or equal to 999, not 1000000"),
        ({"frequency": "fast"}, "frequency", "not 'fast'"),
        ({"count": 5}, "count", "count: input should be greater than or equal to 1001001, not 5"),
        ({"duration_s": 0}, "duration_s", "not 0"),
        ({"pids": [5, -1]}, "pids", "pids.1: input should be greater than or equal to 1, not -1"),
        ({"comm": "x" * 16}, "comm", "at most 15 characters"),
        ({"cgroup": "../etc"}, "cgroup", "not '../etc'"),
        ({"speed": 3}, "speed", "speed is not a known field"),
        ({"hosts": []}, "hosts", "hosts: list should have at least 1 item"),
        ({"hosts": ["../../x"]}, "hosts", "not '../../x'"),
        ({"hosts": ["nowhere"]}, "hosts", "host 'nowhere' is not known"),
        ({"frequency": 99, "count": 2_000_000}, None, "frequency and count exclude each other: give one"),
        ({"user_only": True, "kernel_only": True}, None, "user_only and kernel_only exclude each other"),
    ],
)
def test_a_wrong_specification_is_named(
    owner: User, agent: AgentDouble, call: As, change: dict[str, Any], field: str | None, says: str
) -> None:
    response = call(owner).post("jobs", {"hosts": ["web-1"], **change})
    error = response.json()["error"]
    assert response.status_code == 422
    assert says in error["message"]
    assert error.get("field") == field


def test_a_missing_field_is_named(owner: User, agent: AgentDouble, call: As) -> None:
    error = call(owner).post("jobs", {"frequency": 49}).json()["error"]
    assert (error["field"], error["message"]) == ("hosts", "hosts is required")


def test_a_busy_host_names_the_run_in_the_way(owner: User, agent: AgentDouble, call: As) -> None:
    run = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    response = call(owner).post("jobs", {"hosts": ["web-1"]})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "busy_host"
    assert response.json()["error"]["run"] == str(run.pk)


def test_what_is_not_json_is_refused(owner: User, redis: object, call: As) -> None:
    client = Client(headers=call(owner)._headers)
    response = client.post("/api/v1/jobs", "{", content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    ("query", "field"), [({"sort": "colour"}, "sort"), ({"page": "x"}, "page"), ({"since": "soon"}, "since")]
)
def test_a_wrong_filter_is_named(viewer: User, call: As, query: dict[str, str], field: str) -> None:
    response = call(viewer).get("profiles", **query)
    assert response.status_code == 422
    assert response.json()["error"]["field"] == field
    assert query[field] in response.json()["error"]["message"]


def test_a_route_that_does_not_exist_answers_in_the_same_shape(viewer: User, call: As) -> None:
    response = call(viewer).get("nothing/here")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_a_wrong_token_is_refused_even_with_a_session(owner: User) -> None:
    client = Client(headers={"Authorization": "Bearer wp_wrong"})
    assert client.login(username="olga", password=PASSWORD)
    response = client.get("/api/v1/tokens")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_needs_the_csrf_token_to_write(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="olga", password=PASSWORD)
    refused = client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["error"]["message"]
    assert client.get("/api/v1/tokens").status_code == 200


def test_the_documentation_needs_a_login_and_nothing_from_elsewhere(owner: User, client: Client) -> None:
    assert client.get("/api/v1/docs").status_code == 302
    client.force_login(owner)
    page = client.get("/api/v1/docs").content.decode()
    assert "swagger-ui-bundle" in page
    assert "https://" not in page
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "webprof"


@override_settings(REDIS_URL="unix:///nonexistent/redis.sock")
def test_without_redis_the_answer_says_so(viewer: User, call: As) -> None:
    Host.objects.create(id="web-1", last_seen=timezone.now())
    response = call(viewer).get("hosts")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "unavailable"
