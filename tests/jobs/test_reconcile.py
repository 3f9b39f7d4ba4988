"""What becomes of runs whose host says nothing more."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone
from redis.exceptions import RedisError

from profiler.core import batch
from profiler.core.channel import EntryKind, RunState, live_key
from profiler.core.spec import RecordingSpec
from profiler.ingest.drain import drain
from profiler.jobs import start
from profiler.jobs.reconcile import MISSING, OVERDUE, reconcile
from profiler.jobs.tasks import PICKUP_S
from profiler.models import Host, Run, StoredProfile
from profiler.query.tree import load
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(owner: User, agent: AgentDouble) -> Run:
    return start(owner, RecordingSpec(duration_s=5), ["web-1"]).runs.get()


@pytest.fixture
def recording(run: Run, agent: AgentDouble) -> Run:
    agent.report(run.pk, RunState.RECORDING, at_s=1)
    drain()
    run.refresh_from_db()
    return run


def age(run: Run, seconds: float) -> None:
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(seconds=seconds))


def silence(agent: AgentDouble, seconds: float = 3600) -> None:
    agent.die()
    Host.objects.filter(pk=agent.host).update(last_seen=timezone.now() - timedelta(seconds=seconds))


def reconciled(run: Run) -> Run:
    reconcile()
    run.refresh_from_db()
    return run


def test_a_host_appears_with_its_first_heartbeat(agent: AgentDouble) -> None:
    reconcile()
    host = Host.objects.get()
    assert (host.pk, host.inventory["system"]["kernel"]) == ("web-1", "6.1.0")
    assert "processes" not in host.inventory


@pytest.mark.parametrize("lie", [b"nonsense", b"\x80", b"\x00" * 3_000_000])
def test_a_heartbeat_that_can_not_be_believed_makes_no_host(agent: AgentDouble, lie: bytes) -> None:
    agent.die()
    agent.redis.set("webprof:heartbeat:web-1", lie)
    reconcile()
    assert not Host.objects.exists()


def test_a_heartbeat_under_another_hosts_name_is_ignored(agent: AgentDouble) -> None:
    agent.redis.rename("webprof:heartbeat:web-1", "webprof:heartbeat:db-1")
    reconcile()
    assert not Host.objects.exists()


def test_a_run_nobody_picked_up_fails_and_says_so(run: Run) -> None:
    assert reconciled(run).state == RunState.QUEUED
    age(run, PICKUP_S + 1)
    assert reconciled(run).state == RunState.FAILED
    assert run.message.startswith(f"host web-1 did not start the recording within {PICKUP_S} s: its agent is alive")


def test_a_silent_hosts_run_fails_with_what_arrived(recording: Run, agent: AgentDouble) -> None:
    agent.live(recording.pk, EntryKind.DELTA, agent.profile(samples=99))
    agent.live(recording.pk, EntryKind.SNAPSHOT, agent.profile(samples=20))
    agent.live(recording.pk, EntryKind.DELTA, agent.profile(samples=3, start_s=4))
    silence(agent)
    assert reconciled(recording).state == RunState.FAILED
    assert recording.message == (
        "host web-1 went silent while the run was recording; kept 25 samples that arrived before"
    )
    stored = StoredProfile.objects.get(run=recording)
    assert (stored.partial, stored.total, stored.duration_s) == (True, 25, 5)
    assert load(stored).total == 25


def test_a_silent_hosts_run_fails_without_a_profile_when_nothing_arrived(recording: Run, agent: AgentDouble) -> None:
    silence(agent)
    assert reconciled(recording).message == "host web-1 went silent while the run was recording"
    assert not StoredProfile.objects.exists()


def test_damage_in_the_live_stream_is_counted_and_the_rest_kept(recording: Run, agent: AgentDouble) -> None:
    agent.live(recording.pk, EntryKind.DELTA, agent.profile(samples=10))
    agent.redis.xadd(live_key(str(recording.pk)), {"kind": "delta", "data": b"nonsense"})
    agent.live(recording.pk, EntryKind.DELTA, agent.profile(samples=5, start_s=2))
    silence(agent)
    reconcile()
    stored = StoredProfile.objects.get()
    assert (stored.total, stored.quality["skipped"]) == (17, {"damaged part of the live stream": 1})


def test_a_host_that_is_briefly_silent_is_waited_for(recording: Run, agent: AgentDouble) -> None:
    silence(agent, seconds=5)
    assert reconciled(recording).state == RunState.RECORDING


def test_a_living_host_that_sends_no_result_is_given_up(recording: Run) -> None:
    age(recording, PICKUP_S + 5 + OVERDUE.seconds + 1)
    assert reconciled(recording).state == RunState.FAILED
    assert "is alive, but sent no result" in recording.message


def test_a_host_that_comes_back_with_its_result_sets_the_guess_right(recording: Run, agent: AgentDouble) -> None:
    agent.live(recording.pk, EntryKind.DELTA, agent.profile(samples=10))
    silence(agent)
    reconcile()
    whole = agent.profile(samples=50)
    agent.send_profile(recording.pk, whole)
    agent.report(recording.pk, RunState.DONE, at_s=6, samples=51)
    drain()
    recording.refresh_from_db()
    assert (recording.state, recording.message) == (RunState.DONE, "")
    stored = StoredProfile.objects.get(run=recording)
    assert (str(stored.pk), stored.partial) == (whole.meta.id, False)


def test_a_run_whose_last_report_was_lost_is_done_when_its_profile_is_here(recording: Run, agent: AgentDouble) -> None:
    agent.send_profile(recording.pk, agent.profile())
    drain()
    silence(agent)
    assert reconciled(recording).state == RunState.DONE


def test_a_done_run_whose_profile_never_comes_fails(recording: Run, agent: AgentDouble) -> None:
    agent.report(recording.pk, RunState.DONE, at_s=6)
    drain()
    assert reconciled(recording).state == RunState.DONE
    Run.objects.update(finished_at=timezone.now() - MISSING - timedelta(seconds=1))
    assert reconciled(recording).state == RunState.FAILED
    assert "its profile never arrived" in recording.message


def test_when_redis_does_not_answer_no_run_is_failed(recording: Run, settings: LazySettings) -> None:
    age(recording, 10_000)
    settings.REDIS_URL = "unix:///nonexistent/redis.sock"
    with pytest.raises(RedisError):
        reconcile()
    recording.refresh_from_db()
    assert recording.state == RunState.RECORDING


def test_reconciling_twice_is_reconciling_once(recording: Run, agent: AgentDouble) -> None:
    agent.live(recording.pk, EntryKind.DELTA, agent.profile(samples=10))
    silence(agent)
    before = reconciled(recording).finished_at
    assert reconciled(recording).finished_at == before
    assert StoredProfile.objects.count() == 1
    assert batch.decode(bytes(StoredProfile.objects.get().data.batch)).total == 11
