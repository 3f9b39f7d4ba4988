"""From streams to rows: once, in any order, and never a poison loop. The agent's part is played at a real Redis."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from profiler.core import batch, wire
from profiler.core.channel import PROFILES_STREAM, RUNS_STREAM, SERVER_GROUP, EntryKind, RunState
from profiler.core.spec import RecordingSpec
from profiler.ingest import drain as module
from profiler.ingest import queue
from profiler.ingest.drain import drain
from profiler.ingest.queue import MAX_DELIVERIES, REJECTED_CAP, REJECTED_STREAM
from profiler.jobs import start
from profiler.models import ProfileData, Run, StoredProfile
from profiler.query.tree import TreeAsked, tree
from tests.agent_double import AgentDouble, of_host

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(owner: User, agent: AgentDouble) -> Run:
    return start(owner, RecordingSpec(duration_s=5), ["web-1"]).runs.get()


def rejected(agent: AgentDouble, *, by_store: bool = False) -> list[str]:
    """The profiles of these tests are of long ago: the profile store takes none of them."""
    reasons = [fields[b"reason"].decode() for _, fields in agent.redis.xrange(REJECTED_STREAM)]
    return [reason for reason in reasons if ("is not in the profile store" in reason) == by_store]


def left(agent: AgentDouble) -> int:
    return int(agent.redis.xlen(PROFILES_STREAM) + agent.redis.xlen(RUNS_STREAM))


def test_a_recording_becomes_a_tree(run: Run, agent: AgentDouble) -> None:
    profile = agent.profile(samples=10)
    agent.report(run.pk, RunState.STARTING)
    agent.report(run.pk, RunState.RECORDING, at_s=1)
    agent.send_profile(run.pk, profile)
    agent.report(run.pk, RunState.DONE, at_s=6, elapsed_s=5.0, samples=11)
    assert drain() == 4
    run.refresh_from_db()
    assert (run.state, run.samples, run.elapsed_s) == (RunState.DONE, 11, 5.0)
    stored = StoredProfile.objects.get()
    assert (stored.run_id, stored.host_id, stored.total) == (run.pk, "web-1", 11)
    assert wire.decode(tree(stored, TreeAsked(("comm",)))).total[0] == 11
    assert left(agent) == 0


def test_a_recording_that_only_the_store_refuses_is_kept_and_the_refusal_is_shown(run: Run, agent: AgentDouble) -> None:
    profile = agent.profile(samples=10)
    ahead = replace(profile.meta, start_ns=time.time_ns() + 30 * 3600 * 10**9)
    agent.send_profile(run.pk, replace(profile, meta=ahead))
    drain()
    assert StoredProfile.objects.get().total == 11
    (reason,) = rejected(agent, by_store=True)
    assert reason.startswith(f"profile {ahead.id} of host web-1 is not in the profile store: ")
    assert "set the clock of that host" in reason
    assert left(agent) == 0


def test_everything_twice_is_the_same_as_once(run: Run, agent: AgentDouble) -> None:
    profile = agent.profile()
    for _ in range(2):
        agent.send_profile(run.pk, profile)
        agent.report(run.pk, RunState.DONE, at_s=6, samples=11)
        drain()
    assert StoredProfile.objects.count() == ProfileData.objects.count() == 1
    assert rejected(agent) == []


@pytest.mark.parametrize("late", [RunState.STARTING, RunState.RECORDING, RunState.SENDING, RunState.FAILED])
def test_a_report_after_the_end_changes_nothing(run: Run, agent: AgentDouble, late: RunState) -> None:
    agent.send_profile(run.pk, agent.profile())
    agent.report(run.pk, RunState.DONE, at_s=6)
    agent.report(run.pk, late, at_s=7, message="late")
    drain()
    run.refresh_from_db()
    assert (run.state, run.message) == (RunState.DONE, "")


def test_a_reordered_report_does_not_take_the_run_back(run: Run, agent: AgentDouble) -> None:
    agent.report(run.pk, RunState.SENDING, at_s=3)
    agent.report(run.pk, RunState.RECORDING, at_s=1)
    drain()
    run.refresh_from_db()
    assert run.state == RunState.SENDING


def test_a_profile_that_comes_after_the_last_report_is_kept(run: Run, agent: AgentDouble) -> None:
    agent.report(run.pk, RunState.DONE, at_s=6)
    drain()
    agent.send_profile(run.pk, agent.profile())
    drain()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert StoredProfile.objects.get().run_id == run.pk


def test_a_cancelled_run_keeps_what_it_recorded(run: Run, agent: AgentDouble) -> None:
    agent.send_profile(run.pk, agent.profile())
    agent.report(run.pk, RunState.CANCELLED, at_s=2)
    drain()
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert StoredProfile.objects.filter(run=run).exists()


@pytest.mark.parametrize("damage", [lambda data: data[:-7], lambda _: b"", lambda _: b"\x00" * 50])
def test_a_damaged_batch_fails_its_run_and_is_set_aside(
    run: Run, agent: AgentDouble, damage: Callable[[bytes], bytes]
) -> None:
    data = damage(batch.encode(agent.profile()))
    agent.redis.xadd(PROFILES_STREAM, {"run": str(run.pk), "data": data})
    agent.report(run.pk, RunState.DONE, at_s=6)
    drain()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "the result of host web-1 was refused: batch is damaged" in run.message
    assert len(rejected(agent)) == 1
    assert left(agent) == 0


def test_a_batch_refused_after_the_run_was_done_still_fails_it(run: Run, agent: AgentDouble) -> None:
    agent.report(run.pk, RunState.DONE, at_s=6)
    drain()
    agent.redis.xadd(PROFILES_STREAM, {"run": str(run.pk), "data": b"nonsense"})
    drain()
    run.refresh_from_db()
    assert run.state == RunState.FAILED


def test_a_profile_without_an_id_is_refused(run: Run, agent: AgentDouble) -> None:
    agent.send_profile(run.pk, agent.profile(profile_id=""))
    drain()
    run.refresh_from_db()
    assert "profile id '' is not a UUID" in run.message


def test_another_host_can_neither_fill_nor_end_a_run(run: Run, agent: AgentDouble) -> None:
    foreign = AgentDouble(agent.redis, "evil")
    agent.send_profile(run.pk, of_host(agent.profile(), "evil"))
    foreign.report(run.pk, RunState.FAILED)
    drain()
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert not StoredProfile.objects.exists()
    assert rejected(agent) == [f"run {run.pk} is of host web-1, but was sent by 'evil'"] * 2


def test_a_second_profile_of_a_run_is_refused(run: Run, agent: AgentDouble) -> None:
    first = agent.profile()
    agent.send_profile(run.pk, first)
    agent.send_profile(run.pk, agent.profile())
    drain()
    assert str(StoredProfile.objects.get().pk) == first.meta.id
    assert "already has another profile" in rejected(agent)[0]


def test_a_run_that_fails_without_a_result_keeps_what_was_seen_live(run: Run, agent: AgentDouble) -> None:
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=4))
    agent.report(run.pk, RunState.FAILED, at_s=6, message="the agent was killed while it recorded")
    drain()
    stored = StoredProfile.objects.get(run=run)
    assert (stored.partial, stored.total) == (True, 5)


UNKNOWN_RUN = b"6ba7b810-9dad-41d1-80b4-00c04fd430c8"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Invalid JSON"),
        (b'{"run": "x"}', "field run"),
        (b'{"run": "%s", "host": "web-1", "state": "done", "at_ns": -1}' % UNKNOWN_RUN, "field at_ns"),
        (b'{"run": "%s", "host": "web-1", "state": "done", "at_ns": 1}' % UNKNOWN_RUN, "does not exist"),
    ],
)
def test_a_bad_report_is_set_aside_with_its_reason(agent: AgentDouble, owner: User, data: bytes, reason: str) -> None:
    agent.redis.xadd(RUNS_STREAM, {"data": data})
    drain()
    assert reason in rejected(agent)[0]
    assert left(agent) == 0


def test_what_is_set_aside_stays_bounded(agent: AgentDouble, owner: User) -> None:
    for _ in range(REJECTED_CAP + 10):
        agent.redis.xadd(PROFILES_STREAM, {"run": "x", "data": b"\x00" * 100_000})
    drain()
    assert agent.redis.xlen(REJECTED_STREAM) == REJECTED_CAP
    assert agent.redis.memory_usage(REJECTED_STREAM) < 2 * 2**20


def test_an_entry_whose_storing_failed_waits_and_is_stored_later(
    run: Run, agent: AgentDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.send_profile(run.pk, agent.profile())
    with monkeypatch.context() as broken:
        broken.setattr(module, "_store", _database_is_away)
        assert drain() == 0
    assert left(agent) == 1
    monkeypatch.setattr(queue, "CLAIM_IDLE_MS", 0)
    assert drain() == 1
    assert StoredProfile.objects.count() == 1


def test_an_entry_that_never_can_be_stored_is_given_up(
    run: Run, agent: AgentDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.send_profile(run.pk, agent.profile())
    monkeypatch.setattr(module, "_store", _database_is_away)
    monkeypatch.setattr(queue, "CLAIM_IDLE_MS", 0)
    for _ in range(MAX_DELIVERIES):
        assert drain() == 0
    assert drain() == 1
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert f"could not be stored in {MAX_DELIVERIES} tries" in run.message
    assert left(agent) == 0


def test_what_a_lost_worker_left_is_claimed(run: Run, agent: AgentDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    agent.redis.xgroup_create(PROFILES_STREAM, SERVER_GROUP, id="0", mkstream=True)
    agent.send_profile(run.pk, agent.profile())
    agent.redis.xreadgroup(SERVER_GROUP, "lost", {PROFILES_STREAM: ">"})
    assert drain() == 0
    monkeypatch.setattr(queue, "CLAIM_IDLE_MS", 0)
    assert drain() == 1
    assert StoredProfile.objects.get().run_id == run.pk


def _database_is_away(*_: object) -> None:
    raise OperationalError("disk I/O error")
