"""The tasks in a real worker process: what agents, beat and pages send arrives and is done."""

import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from profiler.core.channel import SERVER_QUEUE, TASK_CLEANUP, TASK_INGEST, TASK_RECONCILE, RunState
from profiler.core.spec import RecordingSpec
from profiler.ingest.upload import receive
from profiler.jobs import start
from profiler.models import Host, Run, StoredProfile
from profiler.sharing import create_login_link
from tests.agent_double import AgentDouble
from tests.worker import TIMEOUT_S, running_worker

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker(agent: AgentDouble) -> Iterator[None]:
    with running_worker():
        yield


def send(task: str) -> None:
    current_app.send_task(task, queue=SERVER_QUEUE)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.usefixtures("worker")
def test_the_worker_does_every_task_and_each_twice(owner: User, agent: AgentDouble) -> None:
    run = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    profile = agent.profile()
    agent.send_profile(run.pk, profile)
    agent.report(run.pk, RunState.DONE, at_s=6)
    sent = receive(owner, "a.folded", [b"main;work 10\n"])
    create_login_link(owner)
    for task in (TASK_INGEST, TASK_RECONCILE, TASK_CLEANUP) * 2:
        send(task)
    until(lambda: Run.objects.get().state == RunState.DONE and StoredProfile.objects.count() == 2)
    sent.refresh_from_db()
    assert sent.state == "done"
    until(lambda: Host.objects.get().inventory != {})
    until(lambda: agent.redis.llen(SERVER_QUEUE) == 0)
    assert StoredProfile.objects.filter(pk=profile.meta.id, run=run).exists()


@pytest.mark.usefixtures("worker")
def test_the_record_command_waits_for_the_profile_and_prints_its_path(agent: AgentDouble, db: None) -> None:
    profile = agent.profile()

    def play_the_agent() -> None:
        try:
            until(Run.objects.exists)
            run = Run.objects.get()
            agent.report(run.pk, RunState.RECORDING, at_s=1)
            send(TASK_INGEST)
            until(lambda: Run.objects.get().state == RunState.RECORDING)
            agent.send_profile(run.pk, profile)
            agent.report(run.pk, RunState.DONE, at_s=2)
            send(TASK_INGEST)
        finally:
            connection.close()

    agents_part = threading.Thread(target=play_the_agent)
    agents_part.start()
    output = StringIO()
    call_command("record", "--host", "web-1", "--duration", "1", "--wait", stdout=output)
    agents_part.join()
    lines = output.getvalue().splitlines()
    assert lines[-1] == f"/profiles/{profile.meta.id}/"
    assert lines[-2] == "web-1: done"
    assert User.objects.get().username == "admin"


@pytest.mark.usefixtures("worker")
def test_the_record_command_ends_with_the_runs_reason(agent: AgentDouble, db: None) -> None:
    def play_the_agent() -> None:
        try:
            until(Run.objects.exists)
            agent.report(Run.objects.get().pk, RunState.FAILED, at_s=1, message="perf_event_open: EACCES")
            send(TASK_INGEST)
        finally:
            connection.close()

    agents_part = threading.Thread(target=play_the_agent)
    agents_part.start()
    with pytest.raises(CommandError, match="failed: perf_event_open: EACCES"):
        call_command("record", "--host", "web-1", "--duration", "1", "--wait", stdout=StringIO())
    agents_part.join()
