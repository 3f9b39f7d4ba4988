"""Browsers of people, and one of everything to look at."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler import heartbeats
from profiler.core.spec import RecordingSpec
from profiler.debugfiles.intake import receive as receive_debug_file
from profiler.ingest.drain import drain
from profiler.jobs import start
from profiler.jobs.hosts import register
from profiler.models import ContinuousPlan, Run, ServiceRule, StoredProfile
from profiler.sharing import create_checkup_share, create_login_link, create_share, create_token
from tests.agent_double import AgentDouble
from tests.bpftrace_double import ended_program
from tests.checkup_double import ended_checkup

Browser = Callable[[User | None], Client]


@pytest.fixture
def browser() -> Browser:
    """A client that asks for pages, with the session of a user; enforces CSRF tokens only in its own tests."""

    def open_browser(user: User | None) -> Client:
        client = Client(headers={"Accept": "text/html"})
        if user is not None:
            client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def known(agent: AgentDouble) -> AgentDouble:
    """The agent of web-1, after the server has noticed its heartbeat."""
    register(heartbeats.living())
    return agent


@pytest.fixture
def finished(owner: User, agent: AgentDouble) -> Run:
    """A run on web-1 that is done, with its profile."""
    run = start(owner, RecordingSpec(pids=(7,)), ["web-1"]).runs.get()
    agent.send_profile(run.pk, agent.profile())
    drain()
    run.refresh_from_db()
    run.state = "done"
    run.save()
    return run


@pytest.fixture
def keys(owner: User, agent: AgentDouble, finished: Run) -> dict[str, str]:
    """Made by the owner: a run that records, and the profile of another, its share, a token, a login link."""
    active = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    profile = StoredProfile.objects.get(run=finished)
    traced = ended_program(owner, agent)
    checked = ended_checkup(owner, run=finished)
    return {
        "program_id": str(traced.program_id),
        "trace_id": str(traced.pk),
        "name": "@stacks",
        "host_id": "web-1",
        "probe": "signals",
        "histogram": "run_queue_latency",
        "run_id": str(active.pk),
        "checkup_id": str(checked.pk),
        "checkup_share": create_checkup_share(owner, checked.pk)[1],
        "profile_id": str(profile.pk),
        "file_id": str(receive_debug_file(owner, "a.debug", [b"\x7fELF"]).pk),
        "plan_id": str(ContinuousPlan.objects.create(position=1, frequency=19, length_s=10).pk),
        "rule_id": str(ServiceRule.objects.create(position=1, source="program", pattern="a", service="b").pk),
        "token_id": str(create_token(owner, "mine")[0].pk),
        "share": create_share(owner, profile.pk)[1],
        "login": create_login_link(owner),
    }
