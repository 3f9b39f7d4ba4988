"""Every route of the API, as every persona. A route that is added without a line here fails the last test."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from profiler.api.urls import api
from profiler.catalog.local import local_store
from profiler.core.spec import RecordingSpec
from profiler.debugfiles.intake import receive as receive_debug_file
from profiler.ingest.drain import drain
from profiler.ingest.upload import receive
from profiler.jobs import start
from profiler.models import ContinuousPlan, ServiceRule, StoredProfile
from profiler.notes import add_note
from profiler.query.explore import Asked, fleet_profiles
from profiler.sharing import create_checkup_share, create_share, create_token
from tests import personas
from tests.agent_double import START_NS, AgentDouble
from tests.api.conftest import As
from tests.bpftrace_double import ended_program
from tests.checkup_double import ended_checkup

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
ROLES = ("owner", "colleague", "viewer", "admin")


@dataclass(frozen=True)
class Route:
    """`statuses`: of owner, colleague, viewer and admin; a stranger gets `stranger`, everyone else 401."""

    method: str
    path: str
    statuses: tuple[int, int, int, int]
    stranger: int = 404
    data: Any = field(default_factory=dict)


ALL, OPERATORS, OWNER, ADMIN = (200, 200, 200, 200), (1, 1, 0, 1), (1, 0, 0, 1), (0, 0, 0, 1)
RULE = {"source": "program", "pattern": "a", "service": "b"}


def only(who: tuple[int, ...], status: int) -> tuple[int, int, int, int]:
    one, two, three, four = (status if may else 403 for may in who)
    return one, two, three, four


EXPLORED = ("tree", "html", "series", "functions", "labels", "extent", "heatmap", "profiles")
A_DAY = {"since": "2026-05-27T00:00:00Z", "until": "2026-05-28T00:00:00Z"}
AN_HOUR = {"since": "2026-01-01T00:00Z", "until": "2026-01-01T01:00Z"}
ROUTES = [
    # Lists are empty for strangers: there is nothing for them.
    Route("get", "hosts", ALL, 200),
    Route("get", "hosts/{host_id}/counters", ALL, data=AN_HOUR),
    Route("get", "hosts/{host_id}/events/{probe}", ALL, data=AN_HOUR),
    Route("get", "hosts/{host_id}/histograms/{histogram}", ALL, data={**AN_HOUR, "step_s": 10}),
    Route("get", "hosts/{host_id}", ALL),
    Route("post", "hosts/{host_id}/flight", only(OPERATORS, 202), data={"on": True}),
    Route("post", "jobs", only(OPERATORS, 201), data={"hosts": ["web-2"], "duration_s": 1}),
    Route("get", "runs", ALL, 200),
    Route("get", "runs/{run_id}", ALL),
    Route("post", "runs/{run_id}/cancel", only(OWNER, 202)),
    *(Route("get", f"explore/{what}", ALL, data=A_DAY) for what in EXPLORED),
    Route("get", "explore/profiles/{key}/tree", ALL),
    Route("get", "explore/values", ALL, data={**A_DAY, "label": "host"}),
    Route("get", "explore/diff", ALL, data={**A_DAY, **{f"base_{name}": value for name, value in A_DAY.items()}}),
    # Owner, colleague and viewer are not in the group bpftrace; an admin needs none.
    Route("get", "bpftrace/library", only(ADMIN, 200)),
    Route("get", "bpftrace/programs", only(ADMIN, 200)),
    Route("post", "bpftrace/programs", only(ADMIN, 201), data={"program": "BEGIN { exit(); }", "hosts": ["web-2"]}),
    Route("get", "bpftrace/programs/{program_id}", only(ADMIN, 200)),
    Route("get", "bpftrace/runs/{trace_id}/results", only(ADMIN, 200)),
    Route("post", "bpftrace/runs/{trace_id}/stop", only(ADMIN, 409)),
    Route("get", "checkups", ALL, 200),
    Route("post", "checkups", only(OPERATORS, 201), data={"hosts": ["web-2"], "seconds": 5}),
    Route("get", "checkups/{checkup_id}", ALL),
    Route("get", "checkups/{checkup_id}/report", ALL),
    Route("delete", "checkups/{checkup_id}", only(OWNER, 204)),
    Route("get", "checkups/{checkup_id}/shares", ALL),
    Route("post", "checkups/{checkup_id}/shares", only(OPERATORS, 201), data={"days": 7}),
    Route("delete", "checkups/{checkup_id}/shares/{link_id}", only(OWNER, 204)),
    Route("get", "continuous", ALL, 200),
    Route("get", "continuous/hosts", ALL, 200),
    Route("post", "continuous", only(ADMIN, 201), data={"selector": 'host="x"'}),
    Route("put", "continuous/{plan_id}", only(ADMIN, 200), data={"on": False}),
    Route("delete", "continuous/{plan_id}", only(ADMIN, 204)),
    Route("get", "service-rules", ALL, 200),
    Route("post", "service-rules", only(ADMIN, 201), data=RULE),
    Route("post", "service-rules/preview", ALL, data=[RULE]),
    Route("put", "service-rules/{rule_id}", only(ADMIN, 200), data=RULE),
    Route("delete", "service-rules/{rule_id}", only(ADMIN, 204)),
    Route("get", "operations", ALL),
    Route("get", "find", ALL),
    Route("get", "probes", ALL),
    Route("get", "profiles", ALL, 200),
    Route("post", "profiles", only(OPERATORS, 202), data={"file": b"main;work 3\n"}),
    Route("get", "profiles/{profile_id}", ALL),
    Route("delete", "profiles/{profile_id}", only(OWNER, 204)),
    Route("get", "profiles/{profile_id}/tree", ALL),
    Route("get", "profiles/{profile_id}/quality", ALL),
    Route("get", "profiles/{profile_id}/heatmap", ALL),
    Route("get", "profiles/{profile_id}/folded", ALL),
    Route("get", "profiles/{profile_id}/html", ALL),
    Route("get", "profiles/{profile_id}/shares", ALL),
    Route("post", "profiles/{profile_id}/shares", only(OPERATORS, 201)),
    Route("get", "profiles/{profile_id}/notes", ALL),
    Route("post", "profiles/{profile_id}/notes", only(OPERATORS, 201), data={"name": "work", "text": "why?"}),
    Route("put", "notes/{note_id}", only(OWNER, 200), data={"text": "because"}),
    Route("delete", "notes/{note_id}", only(OWNER, 204)),
    # Uploads and tokens are private: for others they do not exist.
    Route("get", "uploads/{upload_id}", (200, 404, 404, 200)),
    Route("get", "profiles/{profile_id}/missing", ALL),
    Route("get", "debug-files", ALL, 200),
    Route("post", "debug-files", only(OPERATORS, 202), data={"file": b"\x7fELF"}),
    Route("get", "debug-files/missing", ALL, 200),
    Route("get", "debug-files/{file_id}", ALL),
    # The team's, not their sender's: a wrong one spoils everybody's profiles.
    Route("delete", "debug-files/{file_id}", only(OPERATORS, 204)),
    Route("delete", "shares/{share_id}", only(OWNER, 204)),
    Route("get", "tokens", ALL, 200),
    Route("post", "tokens", (201, 201, 201, 201), data={"name": "ci"}),
    Route("delete", "tokens/{token_id}", (204, 404, 404, 404)),
]


@pytest.fixture
def keys(owner: User, agent: AgentDouble) -> dict[str, str]:
    """One of everything, made by the owner: a run that records, and the profile of another."""
    AgentDouble(agent.redis, "web-2").beat()
    finished = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    profile = agent.profile(start_s=int(time.time()) - START_NS // 10**9)
    local_store.cache_clear()
    agent.send_profile(finished.pk, profile)
    drain()
    finished.state = "done"
    finished.save()
    taken = datetime.fromtimestamp(profile.meta.start_ns / 1e9, UTC)
    listed, _ = fleet_profiles(owner, Asked("", taken, taken + timedelta(hours=1)), 1)
    traced = ended_program(owner, agent)
    checkup = ended_checkup(owner, run=finished)
    return {
        "checkup_id": str(checkup.pk),
        "link_id": str(create_checkup_share(owner, checkup.pk)[0].pk),
        "program_id": str(traced.program_id),
        "trace_id": str(traced.pk),
        "key": str(listed[0].key),
        "host_id": "web-1",
        "probe": "signals",
        "histogram": "block_latency",
        "run_id": str(start(owner, RecordingSpec(), ["web-1"]).runs.get().pk),
        "profile_id": str(StoredProfile.objects.get().pk),
        "upload_id": str(receive(owner, "a.folded", [b"main 1\n"]).pk),
        "file_id": str(receive_debug_file(owner, "a.debug", [b"\x7fELF"]).pk),
        "share_id": str(create_share(owner, profile.meta.id)[0].pk),
        "note_id": str(add_note(owner, profile.meta.id, name="work", module="", text="slow").pk),
        "token_id": str(create_token(owner, "mine")[0].pk),
        "plan_id": str(ContinuousPlan.objects.create(position=1, frequency=19, length_s=10).pk),
        "rule_id": str(ServiceRule.objects.create(position=1, **RULE).pk),
    }


def expected(route: Route, persona: str) -> int:
    if persona in ROLES:
        return route.statuses[ROLES.index(persona)]
    return route.stranger if persona == "stranger" else 401


@pytest.mark.parametrize("persona", personas.EACH)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_route_answers_each_persona_as_it_should(
    route: Route, persona: str, owner: User, keys: dict[str, str], call: As
) -> None:
    client = call(owner if persona == "owner" else personas.make(persona))
    path = route.path.format(**keys)
    data = route.data
    if route.method == "post" and "file" in data:
        response = client.send(path, file=SimpleUploadedFile("a.folded", data["file"]))
    else:
        given = {"get": data, "delete": {}}.get(route.method, {"data": data})
        response = getattr(client, route.method)(path, **given)
    assert response.status_code == expected(route, persona), response.content
    if response.status_code >= 400:
        assert set(response.json()["error"]) >= {"code", "message"}


def test_no_route_is_untested() -> None:
    served = {
        (method.lower(), path.removeprefix("/api/v1/"))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
    }
    assert {(route.method, route.path) for route in ROUTES} == served
