"""Stopping early."""

import base64
import json

import pytest
from django.contrib.auth.models import User

from profiler.core.channel import RunState
from profiler.core.spec import RecordingSpec
from profiler.errors import ConflictError, ForbiddenError, NotFoundError
from profiler.ingest.drain import drain
from profiler.jobs import cancel, start
from profiler.models import Run
from tests import personas
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(owner: User, agent: AgentDouble) -> Run:
    return start(owner, RecordingSpec(), ["web-1"]).runs.get()


def recording(run: Run, agent: AgentDouble) -> None:
    agent.report(run.pk, RunState.RECORDING, at_s=1)
    drain()
    agent.redis.delete("host.web-1")


def test_a_recording_host_is_told_and_the_run_goes_on_until_it_answers(
    run: Run, owner: User, agent: AgentDouble
) -> None:
    recording(run, agent)
    assert cancel(owner, run.pk).state == RunState.RECORDING
    message = json.loads(agent.redis.lpop("host.web-1"))
    assert message["headers"]["task"] == "webprof.cancel"
    assert json.loads(base64.b64decode(message["body"]))[1] == {"run": str(run.pk)}
    agent.report(run.pk, RunState.CANCELLED, at_s=2)
    drain()
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_run_nobody_picked_up_is_over_at_once_and_its_host_is_free(run: Run, owner: User, agent: AgentDouble) -> None:
    assert cancel(owner, run.pk).state == RunState.CANCELLED
    assert start(owner, RecordingSpec(), ["web-1"]).runs.count() == 1


def test_a_run_of_a_dead_host_is_over_at_once(run: Run, owner: User, agent: AgentDouble) -> None:
    recording(run, agent)
    agent.die()
    assert cancel(owner, run.pk).state == RunState.CANCELLED


def test_what_is_over_can_not_be_cancelled(run: Run, owner: User, agent: AgentDouble) -> None:
    cancel(owner, run.pk)
    with pytest.raises(ConflictError, match="already cancelled"):
        cancel(owner, run.pk)


def test_only_the_owner_and_admins_may_cancel(run: Run, viewer: User, stranger: User, admin: User) -> None:
    with pytest.raises(ForbiddenError, match="belongs to somebody else"):
        cancel(personas.colleague(), run.pk)
    with pytest.raises(ForbiddenError):
        cancel(viewer, run.pk)
    with pytest.raises(NotFoundError):
        cancel(stranger, run.pk)
    assert cancel(admin, run.pk).state == RunState.CANCELLED
