"""The 60-second check, with feeds at the real Redis: kept running, put together once, whatever a host lacks."""

import json
from datetime import timedelta
from string import Formatter
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.utils import timezone

from profiler.checkups import delete, start
from profiler.checkups.collect import PATIENCE_S, PATIENCE_WITH_SILENT_S, advance, finish_late
from profiler.checkups.feeds import distinct, feeds_of
from profiler.checkups.retention import clean_checkups
from profiler.core import event_batch
from profiler.core.channel import SERVER_QUEUE, TASK_CHECKUP, RunState
from profiler.core.checkup import CPU, QUESTIONS, Answer
from profiler.core.checkup_findings import findings
from profiler.core.checkup_tally import MAX_LABELS
from profiler.core.event_batch import EventBatch
from profiler.core.feed_channel import TASK_WATCH, feed_key, lease_key
from profiler.core.probe import Probe
from profiler.errors import ForbiddenError, InvalidError, NotFoundError
from profiler.ingest.drain import drain
from profiler.jobs.errors import DeadHostError, UnknownHostError
from profiler.models import Checkup, CheckupShare, HostCheckup, StoredProfile
from profiler.sharing import create_checkup_share, open_checkup_share
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


def event_columns(probe: Probe, events: int) -> Any:
    columns: Any = {
        field.name: ["x"] * events if field.shows.is_text else np.zeros(events, dtype="<u4") for field in probe.fields
    }
    return {**columns, "at_ns": np.arange(events, dtype="<u8")}


def send_events(agent: AgentDouble, checkup: Checkup, question: str, at_s: float, columns: Any, **counted: int) -> None:
    watched = feeds_of(HOST)[question]
    batch = event_batch.encode(EventBatch(HOST, watched.probe.name, 0, 1, columns, {}, **counted))
    agent.redis.xadd(feed_key(HOST, watched.feed), {"data": batch}, id=f"{checkup.since_ms + int(at_s * 1000)}-0")


def send_retransmits(agent: AgentDouble, checkup: Checkup, at_s: float, events: int, **counted: int) -> None:
    columns = event_columns(feeds_of(HOST)["retransmits"].probe, events)
    send_events(agent, checkup, "retransmits", at_s, columns, **counted)


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


def test_what_a_feed_said_before_the_check_is_not_counted_whatever_its_host_s_clock_says(
    owner: User, agent: AgentDouble
) -> None:
    """The host's clock numbers entries, and is an hour behind."""
    hour = -3600.0
    watched = feeds_of(HOST)["retransmits"]
    agent.redis.xadd(feed_key(HOST, watched.feed), {"error": "long ago"}, id="1-0")
    begun = start(owner, [HOST], seconds=10)
    finish_run(agent, begun.hosts.get())
    for at_s, events in ((hour, RETRANSMITS), (hour + 11, 0)):
        send_retransmits(agent, begun, at_s, events)
    refuse_all(agent, begun, "tcp_retransmits")
    assert not advance(begun.pk)
    assert answer(begun, "retransmits").total == RETRANSMITS


EVENTS, AT_ONCE, FAILING = 100_003, 9_000, 7


def test_a_stream_of_events_is_counted_exactly_as_it_comes_and_kept_small(agent: AgentDouble, checkup: Checkup) -> None:
    """A hundred thousand and three, a prime number, each of a path of its own; one in seven failed."""
    refuse_all(agent, checkup, "opens")
    finish_run(agent, checkup.hosts.get())
    probe, largest = feeds_of(HOST)["opens"].probe, 0
    for sent in range(0, EVENTS, AT_ONCE):
        count = min(AT_ONCE, EVENTS - sent)
        numbers = range(sent, sent + count)
        columns = event_columns(probe, count)
        columns |= {
            "path": [f"/{i}" for i in numbers],
            "error": ["ENOENT" if i % FAILING == 0 else "" for i in numbers],
        }
        send_events(agent, checkup, "opens", 1 + sent / AT_ONCE / 4, columns)
        assert advance(checkup.pk)
        kept = [agent.redis.strlen(key) for key in agent.redis.scan_iter("webprof:checkup:*")]
        largest = max(largest, *kept)
    send_events(agent, checkup, "opens", 11, event_columns(probe, 0))
    assert not advance(checkup.pk)
    opens = answer(checkup, "opens")
    assert (opens.total, opens.errors, opens.lost) == (EVENTS, len(range(0, EVENTS, FAILING)), 0)
    # Labels are at most MAX_LABELS texts of a few bytes: nothing grows with the events.
    assert largest < MAX_LABELS * 40
    assert opens.uncounted >= 1
    assert not list(agent.redis.scan_iter("webprof:checkup:*"))


def test_what_left_redis_unread_and_what_was_damaged_is_told_by_the_batch_behind_it(
    agent: AgentDouble, checkup: Checkup
) -> None:
    refuse_all(agent, checkup, "tcp_retransmits")
    finish_run(agent, checkup.hosts.get())
    send_retransmits(agent, checkup, 1, RETRANSMITS, began_ns=1, sent_before=1000)
    key = feed_key(HOST, feeds_of(HOST)["retransmits"].feed)
    agent.redis.xadd(key, {"data": b"thirteen events, once"}, id=f"{checkup.since_ms + 2000}-0")
    send_retransmits(agent, checkup, 11, 0, began_ns=1, sent_before=1000 + RETRANSMITS + 13)
    assert not advance(checkup.pk)
    assert (answer(checkup, "retransmits").total, answer(checkup, "retransmits").lost) == (RETRANSMITS, 13)


def test_a_round_that_is_done_again_counts_nothing_twice(agent: AgentDouble, checkup: Checkup) -> None:
    refuse_all(agent, checkup, "tcp_retransmits")
    finish_run(agent, checkup.hosts.get())
    send_retransmits(agent, checkup, 1, RETRANSMITS)
    key = f"webprof:checkup:{checkup.pk}:{HOST}:{feeds_of(HOST)['retransmits'].feed}"
    before = agent.redis.get(key)
    assert advance(checkup.pk)
    assert agent.redis.get(key) != before
    agent.redis.set(key, before)
    send_retransmits(agent, checkup, 11, 0)
    assert not advance(checkup.pk)
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
    assert not checkup.hosts.get().is_final

    def wait(seconds: float) -> None:
        long_ago = timezone.now() - timedelta(seconds=10 + seconds + 1)
        Checkup.objects.filter(pk=checkup.pk).update(created_at=long_ago)
        finish_late()

    wait(PATIENCE_WITH_SILENT_S)
    assert not checkup.hosts.get().is_final  # its agent lives: it may be busy
    agent.die()
    wait(PATIENCE_WITH_SILENT_S)
    assert checkup.hosts.get().is_final
    report = checkup.hosts.get().report
    assert report is not None
    assert all(each.missing for each in report.answers)
    assert len(findings(report)) == len(QUESTIONS)


def test_a_host_that_lives_is_waited_for_longer_and_not_for_ever(agent: AgentDouble, checkup: Checkup) -> None:
    refuse_all(agent, checkup, "tcp_retransmits")
    Checkup.objects.filter(pk=checkup.pk).update(created_at=timezone.now() - timedelta(seconds=10 + PATIENCE_S + 1))
    finish_late()
    assert answer(checkup, "retransmits").missing == f"host {HOST} sent nothing"
    assert answer(checkup, "connects").missing == "no tcp here"


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


def test_who_made_a_check_and_admins_delete_it_and_its_links_with_it(
    owner: User, viewer: User, agent: AgentDouble, checkup: Checkup
) -> None:
    refuse_all(agent, checkup)
    finish_run(agent, checkup.hosts.get())
    assert not advance(checkup.pk)
    _, secret = create_checkup_share(owner, checkup.pk)
    with pytest.raises(ForbiddenError, match="belongs to somebody else"):
        delete(viewer, checkup.pk)
    assert open_checkup_share(secret).checkup == checkup
    delete(owner, checkup.pk)
    assert not CheckupShare.objects.exists()
    assert StoredProfile.objects.count() == 1
    with pytest.raises(NotFoundError, match="has expired or was revoked"):
        open_checkup_share(secret)


def test_checks_are_kept_for_as_long_as_the_setting_says(owner: User, checkup: Checkup) -> None:
    old = start(owner, [HOST])
    for kept, days in ((checkup, 6), (old, 8)):
        Checkup.objects.filter(pk=kept.pk).update(created_at=timezone.now() - timedelta(days=days))
    with override_settings(CHECKUP_DAYS=7):
        clean_checkups()
    assert list(Checkup.objects.all()) == [checkup]


def test_a_checkup_that_is_gone_is_not_looked_at_again(checkup: Checkup) -> None:
    pk = checkup.pk
    checkup.delete()
    assert not advance(pk)
