"""Starting: what is refused and why, and what reaches the host's queue."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from redis import Redis

from profiler.core.channel import RunState
from profiler.core.spec import RecordingSpec
from profiler.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError
from profiler.jobs import start
from profiler.jobs.errors import BusyHostError, DeadHostError, IncapableHostError, UnknownHostError
from profiler.jobs.start import MAX_HOSTS_PER_JOB
from profiler.jobs.tasks import PICKUP_S
from profiler.models import Host, Job, Run
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
SPEC = RecordingSpec(duration_s=5, frequency=49, pids=(7,))


def test_the_hosts_queue_gets_the_run_and_its_specification(owner: User, agent: AgentDouble) -> None:
    job = start(owner, SPEC, ["web-1"])
    run = job.runs.get()
    message = json.loads(agent.redis.lpop("host.web-1"))
    _, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert message["headers"]["task"] == "webprof.record"
    assert kwargs == {"run": str(run.pk), "spec": SPEC.model_dump(mode="json")}
    assert run.state == RunState.QUEUED


def test_a_task_that_nobody_picks_up_expires(owner: User, agent: AgentDouble) -> None:
    start(owner, SPEC, ["web-1"])
    message = json.loads(agent.redis.lpop("host.web-1"))
    left = datetime.fromisoformat(message["headers"]["expires"]) - timezone.now()
    assert 0 < left.total_seconds() <= PICKUP_S


def test_an_unknown_host_is_named(owner: User, redis: "Redis") -> None:
    with pytest.raises(UnknownHostError, match="'nowhere' is not known") as refused:
        start(owner, SPEC, ["nowhere"])
    assert refused.value.field == "hosts"
    assert not Job.objects.exists()


def test_a_dead_host_is_named_with_how_long_it_is_silent(owner: User, redis: "Redis") -> None:
    Host.objects.create(id="web-1", last_seen=timezone.now() - timedelta(hours=2))
    with pytest.raises(DeadHostError, match="web-1 has sent no heartbeat for 2"):
        start(owner, SPEC, ["web-1"])


def test_a_host_that_cannot_record_says_why(owner: User, agent: AgentDouble) -> None:
    agent.beat(can_record=False)
    with pytest.raises(IncapableHostError, match="web-1 can't record cpu: not root"):
        start(owner, SPEC, ["web-1"])


def test_a_probe_that_is_none_and_parameters_that_are_none_are_refused(owner: User, agent: AgentDouble) -> None:
    with pytest.raises(InvalidError, match=r"no probe 'tea' that records stacks; there are cpu") as refused:
        start(owner, RecordingSpec(probe="tea"), [agent.host])
    assert refused.value.field == "probe"
    with pytest.raises(InvalidError, match="probe cpu has no parameter sugar") as refused:
        start(owner, RecordingSpec(parameters={"sugar": 1}), [agent.host])
    assert refused.value.field == "parameters"
    assert not Job.objects.exists()


def test_a_second_run_on_one_host_is_refused_with_the_run_in_the_way(owner: User, agent: AgentDouble) -> None:
    first = start(owner, SPEC, ["web-1"]).runs.get()
    with pytest.raises(BusyHostError, match=f"run {first.pk} is recording there") as refused:
        start(owner, SPEC, ["web-1"])
    assert refused.value.run == first.pk
    assert Run.objects.count() == 1


def test_one_busy_host_stops_the_whole_job(owner: User, agent: AgentDouble) -> None:
    AgentDouble(agent.redis, "web-2").beat()
    start(owner, SPEC, ["web-1"])
    with pytest.raises(BusyHostError, match="web-1"):
        start(owner, SPEC, ["web-2", "web-1"])
    assert not Run.objects.filter(host_id="web-2").exists()
    assert agent.redis.llen("host.web-2") == 0


def test_of_many_starts_at_once_one_wins(owner: User, agent: AgentDouble) -> None:
    start(owner, SPEC, ["web-1"]).runs.update(state=RunState.DONE)

    def attempt(_: int) -> bool:
        try:
            start(owner, SPEC, ["web-1"])
        except BusyHostError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert Run.objects.filter(state=RunState.QUEUED).count() == 1


def test_a_host_named_twice_gets_one_run(owner: User, agent: AgentDouble) -> None:
    assert start(owner, SPEC, ["web-1", "web-1"]).runs.count() == 1


@pytest.mark.parametrize("hosts", [[], [f"h{i}" for i in range(MAX_HOSTS_PER_JOB + 1)]])
def test_no_host_and_too_many_hosts_are_refused(owner: User, redis: "Redis", hosts: list[str]) -> None:
    with pytest.raises(InvalidError, match=f"hosts: {len(hosts)} given"):
        start(owner, SPEC, hosts)


def test_who_may_only_look_may_not_record(viewer: User, stranger: User, agent: AgentDouble) -> None:
    with pytest.raises(ForbiddenError, match="may only look, not record"):
        start(viewer, SPEC, ["web-1"])
    with pytest.raises(NotFoundError):
        start(stranger, SPEC, ["web-1"])


def test_a_run_whose_task_redis_refuses_is_failed_not_forgotten(owner: User, agent: AgentDouble) -> None:
    agent.redis.config_set("maxmemory", "1")  # a full Redis still answers, but takes nothing
    try:
        with pytest.raises(UnavailableError, match="Redis took no task for host web-1"):
            start(owner, SPEC, ["web-1"])
    finally:
        agent.redis.config_set("maxmemory", "0")
    run = Run.objects.get()
    assert run.state == RunState.FAILED
    assert "Redis took no task" in run.message
