"""The 60-second check, with feeds at the real Redis: kept running, put together once, whatever a host lacks."""

import json
from datetime import timedelta
from string import Formatter
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from profiler.checkups import start
from profiler.checkups.collect import PATIENCE_S, advance, finish_late
from profiler.checkups.feeds import distinct, feeds_of
from profiler.core import event_batch
from profiler.core.channel import SERVER_QUEUE, TASK_CHECKUP, RunState
from profiler.core.checkup import CPU, QUESTIONS, Answer
from profiler.core.checkup_findings import findings
from profiler.core.event_batch import EventBatch
from profiler.core.feed_channel import TASK_WATCH, feed_key, lease_key
from profiler.errors import ForbiddenError, InvalidError, NotFoundError
from profiler.ingest.drain import drain
from profiler.jobs.errors import DeadHostError, UnknownHostError
from profiler.models import Checkup, HostCheckup
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
HOST = "web-1"
RETRANSMITS = 7


@pytest.fixture
def checkup(owner: User, agent: AgentDouble) -> Checkup:
    return start(owner, [HOST], seconds=10)


def refuse_all(agent: AgentDouble, checkup: Checkup, *but: str) -> None:
    """As a host that lacks everything does."""
    for watched in distinct(feeds_of(HOST).values()):
        if watched.probe.name not in but:
            entry = {"error": f"no {watched.probe.name} here"}
            agent.redis.xadd(feed_key(HOST, watched.feed), entry, id=f"{checkup.since_ms + 1}-0")


def send_retransmits(agent: AgentDouble, checkup: Checkup, at_s: float, events: int) -> None:
    watched = feeds_of(HOST)["retransmits"]
    probe = watched.probe
    columns: Any = {
        field.name: ["x"] * events if field.shows.is_text else np.zeros(events, dtype="<u4") for field in probe.fields
    }
    columns["at_ns"] = np.arange(events, dtype="<u8")
    batch = event_batch.encode(EventBatch(HOST, probe.name, 0, 1, columns))
    agent.redis.xadd(feed_key(HOST, watched.feed), {"data": batch}, id=f"{checkup.since_ms + int(at_s * 1000)}-0")


def answer(checkup: Checkup, question: str) -> Answer:
    report = checkup.hosts.get().report
    assert report is not None
    return report.answer(question)


def finish_run(agent: AgentDouble, checked: HostCheckup) -> None:
    assert checked.run is not None
    agent.send_profile(checked.run.pk, agent.profile())
    agent.report(checked.run.pk, RunState.DONE, at_s=10)
    drain()


def test_each_feed_is_leased_and_asked_for_once_and_the_cpus_are_sampled(agent: AgentDouble, checkup: Checkup) -> None:
    feeds = distinct(feeds_of(HOST).values())
    assert all(agent.redis.ttl(lease_key(HOST, each.feed)) > 0 for each in feeds)
    messages = [json.loads(message) for message in agent.redis.lrange(f"host.{HOST}", 0, -1)]
    names = [message["headers"]["task"] for message in messages]
    assert names.count(TASK_WATCH) == len(feeds)
    assert names.count("webprof.record") == 1
    (again,) = [json.loads(message) for message in agent.redis.lrange(SERVER_QUEUE, 0, -1)]
    assert again["headers"]["task"] == TASK_CHECKUP


def test_it_goes_on_until_every_feed_has_said_enough(agent: AgentDouble, checkup: Checkup) -> None:
    refuse_all(agent, checkup, "tcp_retransmits")
    send_retransmits(agent, checkup, 1, 2)
    finish_run(agent, checkup.hosts.get())
    assert advance(checkup.pk)
    send_retransmits(agent, checkup, 10.9, 5)
    assert advance(checkup.pk)
    send_retransmits(agent, checkup, 11, 0)
    assert not advance(checkup.pk)
    assert answer(checkup, "retransmits").total == RETRANSMITS
    assert answer(checkup, "retransmits").seconds == 10
    assert answer(checkup, "connects").missing == "no tcp here"
    assert answer(checkup, CPU).total > 0


def test_what_comes_after_its_time_is_not_counted_and_a_second_look_changes_nothing(
    agent: AgentDouble, checkup: Checkup
) -> None:
    refuse_all(agent, checkup, "tcp_retransmits")
    finish_run(agent, checkup.hosts.get())
    send_retransmits(agent, checkup, 1, RETRANSMITS)
    send_retransmits(agent, checkup, 12, 1000)
    assert not advance(checkup.pk)
    before = checkup.hosts.get().data
    send_retransmits(agent, checkup, 13, 1000)
    assert not advance(checkup.pk)
    assert checkup.hosts.get().data == before
    assert answer(checkup, "retransmits").total == RETRANSMITS


def test_a_damaged_entry_costs_itself(agent: AgentDouble, checkup: Checkup) -> None:
    refuse_all(agent, checkup, "tcp_retransmits")
    finish_run(agent, checkup.hosts.get())
    send_retransmits(agent, checkup, 1, RETRANSMITS)
    key = feed_key(HOST, feeds_of(HOST)["retransmits"].feed)
    agent.redis.xadd(key, {"data": b"no batch"}, id=f"{checkup.since_ms + 11_500}-0")
    assert not advance(checkup.pk)
    assert answer(checkup, "retransmits").total == RETRANSMITS


def test_a_host_that_says_nothing_is_not_waited_for_for_ever(agent: AgentDouble, checkup: Checkup) -> None:
    assert advance(checkup.pk)
    finish_late()
    assert not checkup.is_final
    long_ago = timezone.now() - timedelta(seconds=10 + PATIENCE_S + 1)
    Checkup.objects.filter(pk=checkup.pk).update(created_at=long_ago)
    finish_late()
    report = checkup.hosts.get().report
    assert report is not None
    assert all(each.missing for each in report.answers)
    assert len(findings(report)) == len(QUESTIONS)


def test_a_host_that_already_records_is_checked_without_another_recording(owner: User, checkup: Checkup) -> None:
    second = start(owner, [HOST])
    assert second.hosts.get().run is None
    assert "busy" in second.hosts.get().no_run or "record" in second.hosts.get().no_run


def test_what_can_not_be_checked_is_told(owner: User, viewer: User, stranger: User, agent: AgentDouble) -> None:
    with pytest.raises(UnknownHostError, match="nowhere"):
        start(owner, ["nowhere"])
    with pytest.raises(InvalidError, match="choose 1 to"):
        start(owner, [])
    with pytest.raises(InvalidError, match="seconds: 0 given; choose 5 to 120"):
        start(owner, [HOST], seconds=0)
    with pytest.raises(ForbiddenError, match="not check hosts"):
        start(viewer, [HOST])
    with pytest.raises(NotFoundError):
        start(stranger, [HOST])
    start(owner, [HOST])
    agent.die()
    with pytest.raises(DeadHostError, match="web-1"):
        start(owner, [HOST])


def test_what_is_counted_as_alike_is_of_columns_that_the_probes_have() -> None:
    watched = feeds_of(HOST)
    for question in QUESTIONS:
        named = [name for _, name, _, _ in Formatter().parse(question.label) if name]
        named += [question.only[0]] if question.only else []
        assert question.probe == CPU or {*named} <= {field.name for field in watched[question.name].probe.fields}


def test_a_checkup_that_is_gone_is_not_looked_at_again(checkup: Checkup) -> None:
    pk = checkup.pk
    checkup.delete()
    assert not advance(pk)
