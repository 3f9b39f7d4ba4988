"""Freezing and switching a host's flight recorder: what reaches the host, and what is refused in words."""

import base64
import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from profiler.core.channel import RunState
from profiler.core.flight import FlightSettings
from profiler.core.inventory import Flight
from profiler.core.spec import RecordingSpec
from profiler.errors import ForbiddenError, NotFoundError
from profiler.ingest.drain import drain
from profiler.jobs import start
from profiler.jobs.errors import BusyHostError, DeadHostError
from profiler.jobs.flight import FlightRecorderError, switch
from profiler.models import Run, StoredProfile
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
FREEZE = RecordingSpec(freeze_s=300)
HOLDS = Flight(on=True, minutes=5, frequency=19, held_s=240.0, bytes=9000)


def sent(agent: AgentDouble) -> tuple[str, dict[str, Any]]:
    message = json.loads(agent.redis.lpop("host.web-1"))
    return message["headers"]["task"], json.loads(base64.b64decode(message["body"]))[1]


def test_a_freeze_is_a_run_that_says_so(owner: User, agent: AgentDouble) -> None:
    agent.beat(flight=HOLDS)
    run = start(owner, FREEZE, ["web-1"]).runs.get()
    task, kwargs = sent(agent)
    assert (task, kwargs["run"], kwargs["spec"]["freeze_s"]) == ("webprof.record", str(run.pk), 300)


def test_a_frozen_profile_is_stored_as_one(owner: User, agent: AgentDouble) -> None:
    agent.beat(flight=HOLDS)
    run = start(owner, FREEZE, ["web-1"]).runs.get()
    agent.send_profile(run.pk, agent.profile())
    agent.report(run.pk, RunState.DONE)
    drain()
    assert Run.objects.get(pk=run.pk).state == RunState.DONE
    assert StoredProfile.objects.get(run=run).title == "web-1: frozen, the last 300 s"


@pytest.mark.parametrize(
    ("flight", "says"),
    [
        (Flight(), "flight recorder of host web-1 is off: switch it on"),
        (Flight(on=True), "holds nothing yet: it has just been switched on"),
        (Flight(on=True, problem="no BPF here"), "holds nothing yet: no BPF here"),
    ],
)
def test_where_nothing_is_held_nothing_is_frozen(owner: User, agent: AgentDouble, flight: Flight, says: str) -> None:
    agent.beat(flight=flight)
    with pytest.raises(FlightRecorderError, match=says):
        start(owner, FREEZE, ["web-1"])
    assert not Run.objects.exists()


def test_a_silent_host_is_not_frozen(owner: User, agent: AgentDouble) -> None:
    agent.beat(flight=HOLDS)
    start(owner, FREEZE, ["web-1"])
    Run.objects.update(state=RunState.DONE)
    agent.die()
    with pytest.raises(DeadHostError, match="web-1 has sent no heartbeat"):
        start(owner, FREEZE, ["web-1"])


def test_a_host_that_records_is_frozen_later(owner: User, agent: AgentDouble) -> None:
    agent.beat(flight=HOLDS)
    start(owner, RecordingSpec(), ["web-1"])
    with pytest.raises(BusyHostError):
        start(owner, FREEZE, ["web-1"])


def test_switching_tells_the_host(owner: User, agent: AgentDouble) -> None:
    start(owner, RecordingSpec(), ["web-1"])  # makes the host known
    sent(agent)
    switch(owner, "web-1", FlightSettings(on=True, minutes=7, frequency=11))
    assert sent(agent) == ("webprof.flight", {"on": True, "minutes": 7, "frequency": 11})


def test_only_operators_switch_and_only_known_hosts_that_live(owner: User, viewer: User, agent: AgentDouble) -> None:
    with pytest.raises(ForbiddenError):
        switch(viewer, "web-1", FlightSettings())
    with pytest.raises(NotFoundError):
        switch(owner, "nowhere", FlightSettings())
    start(owner, RecordingSpec(), ["web-1"])
    agent.die()
    with pytest.raises(DeadHostError):
        switch(owner, "web-1", FlightSettings())
