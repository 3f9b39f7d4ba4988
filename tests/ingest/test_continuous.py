"""Profiles of continuous profiling: each into the store once, by service, however late and often it comes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from profiler import heartbeats
from profiler.agent.delivery.courier import Courier
from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.publisher import connect, deliver
from profiler.agent.delivery.spool import CONTINUOUS as LIMITS
from profiler.agent.delivery.spool import Spool
from profiler.catalog.local import local_store
from profiler.core import batch
from profiler.core.builder import ProfileBuilder
from profiler.core.channel import CONTINUOUS_STREAM, MAX_CONTINUOUS_BACKLOG, RunState
from profiler.core.continuous import CONTINUOUS, SOURCE
from profiler.core.frame import Frame, Thread
from profiler.core.groups import ProcessLabels
from profiler.core.profile import Profile
from profiler.core.selector import parse
from profiler.core.spec import RecordingSpec
from profiler.fleet import rules
from profiler.fleet.rule import Rule
from profiler.ingest import continuous
from profiler.ingest import drain as module
from profiler.ingest.drain import drain
from profiler.ingest.keep import keep
from profiler.ingest.queue import REJECTED_STREAM
from profiler.jobs import start
from profiler.jobs.hosts import register
from profiler.models import Host, StoredProfile
from profiler.store.question import Question
from tests.agent.servers import RedisServer, wait_for
from tests.agent_double import PERIOD_NS, START_NS, AgentDouble, cpu_profile, of_host

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
NS_PER_MS = 1_000_000
DAY_MS = 86_400_000


@pytest.fixture
def known(agent: AgentDouble) -> AgentDouble:
    """The agent of web-1, which the server knows."""
    register(heartbeats.living())
    return agent


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profiles of the double are of one moment: a few hours before now, here. The store begins anew."""
    local_store.cache_clear()
    monkeypatch.setattr("profiler.ingest.keep.time.time_ns", lambda: START_NS + 20 * 3600 * 10**9)


def totals(by: str = "service") -> dict[str, int]:
    """Samples that the store holds of that day, by a label: it tells their CPU time."""
    begin = START_NS // NS_PER_MS
    series = local_store().series(Question(parse(""), begin - DAY_MS, begin + DAY_MS), DAY_MS, by)
    return {group: int(values.sum()) // PERIOD_NS for group, values in zip(series.groups, series.values, strict=True)}


def rejected(agent: AgentDouble) -> list[str]:
    return [fields[b"reason"].decode() for _, fields in agent.redis.xrange(REJECTED_STREAM)]


def whole_host() -> Profile:
    """A web server with named threads, a database and the kernel, as one profile of everything."""
    builder = ProfileBuilder(cpu_profile("web-1").meta)
    node = builder.stack([builder.frame(Frame("main"))])
    for pid, tid, comm, value in (
        (7, 7, "java", 5),
        (7, 8, "GC Thread#0", 3),
        (9, 9, "postgres", 2),
        (2, 2, "kw/0", 1),
    ):
        builder.add(node, value, builder.thread(Thread(pid, tid, comm)))
    named = {7: ProcessLabels("java", variables=(("APP_NAME", "shop"),)), 2: ProcessLabels("kw/0", kernel=True)}
    builder.label_processes(named)
    return builder.build()


def test_a_whole_hosts_profile_comes_apart_by_process_and_is_no_recording(known: AgentDouble) -> None:
    known.send_continuous(whole_host())
    assert drain() == 1
    assert totals() == {"java": 8, "postgres": 2, "kernel": 1}
    assert totals("source") == {"continuous": 11}
    assert not StoredProfile.objects.exists()
    assert known.redis.xlen(CONTINUOUS_STREAM) == 0


def test_rules_say_the_service_of_new_profiles(known: AgentDouble, admin: User) -> None:
    rules.save(admin, Rule(source="variable", variable="APP_NAME", pattern=".+", service=r"app \0"))
    rules.save(admin, Rule(source="program", pattern="post(.*)", service=r"\1", selector='host="db-1"'))
    known.send_continuous(whole_host())
    drain()
    assert totals() == {"app shop": 8, "postgres": 2, "kernel": 1}


def test_the_same_twice_counts_once_also_when_rules_changed_in_between(known: AgentDouble, admin: User) -> None:
    profile = whole_host()
    known.send_continuous(profile)
    drain()
    rules.save(admin, Rule(source="program", pattern=".+", service="everything"))
    known.send_continuous(profile)
    drain()
    assert totals() == {"java": 8, "postgres": 2, "kernel": 1}
    known.send_continuous(replace(profile, meta=replace(profile.meta, id=cpu_profile("web-1").meta.id)))
    drain()
    assert totals()["everything"] == 11


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        (of_host(cpu_profile("web-1"), "nowhere"), "host 'nowhere', which is not known"),
        (cpu_profile("web-1", start_s=30 * 3600), "set the clock of that host"),
        (cpu_profile("web-1", start_s=-20 * 86_400), "older than RAW_DAYS"),
        (cpu_profile("web-1", profile_id="not an id"), "is not a UUID"),
    ],
)
def test_what_can_not_be_kept_is_set_aside_with_the_reason(known: AgentDouble, profile: Profile, says: str) -> None:
    known.send_continuous(profile)
    known.send_continuous(cpu_profile("web-1", samples=4))
    drain()
    (reason,) = rejected(known)
    assert says in reason
    assert totals() == {"app": 5}, "the next one is kept"


def test_damage_and_a_recording_in_the_wrong_stream_are_set_aside(known: AgentDouble) -> None:
    known.redis.xadd(CONTINUOUS_STREAM, {"data": b"\x93 noise"})
    known.redis.xadd(CONTINUOUS_STREAM, {"data": batch.encode(cpu_profile("web-1"))})
    known.redis.xadd(CONTINUOUS_STREAM, {"more": b""})
    drain()
    damaged, wrong, empty = rejected(known)
    assert "damaged" in damaged
    assert "damaged" in empty
    assert "is none of continuous profiling" in wrong
    assert totals() == {}


def test_a_refused_profile_may_come_again(known: AgentDouble) -> None:
    profile = cpu_profile("web-1", samples=4)
    Host.objects.all().delete()
    known.send_continuous(profile)
    drain()
    register(heartbeats.living())
    known.send_continuous(profile)
    drain()
    assert totals() == {"app": 5}


def test_a_backlog_does_not_hold_up_the_result_of_a_run(
    known: AgentDouble, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONTINUOUS_AT_A_TURN", 2)
    run = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    left: list[bool] = []

    def slow(profile: Profile) -> int:
        if not left:  # the result comes while the first profile of the backlog is being kept
            known.send_profile(run.pk, cpu_profile("web-1"))
            known.report(run.pk, RunState.DONE)
        left.append(StoredProfile.objects.filter(run=run).exists())
        return keep(profile)

    monkeypatch.setattr(continuous, "keep", slow)
    for _ in range(6):
        known.send_continuous(cpu_profile("web-1"))
    drain()
    assert left == [False, False, True, True, True, True]


class Day:
    """A host's agent that makes a profile a minute, with its spool and courier."""

    def __init__(self, directory: Path, redis: RedisServer) -> None:
        self.directory, self.redis = directory, redis
        self.sent = 0
        self.total = 0
        self.spool, self.courier = self.started()

    def started(self) -> tuple[Spool, Courier]:
        self.spool = Spool(self.directory, LIMITS)
        self.courier = Courier(self.spool, connect(self.redis.url, 2), lambda: None)
        self.courier.start()
        return self.spool, self.courier

    def restart(self) -> None:
        self.courier.stop(0)
        self.started()

    def minutes(self, count: int) -> None:
        for _ in range(count):
            profile = cpu_profile("web-1", samples=self.sent % 7 + 1, start_s=60 * self.sent)
            meta = replace(profile.meta, labels={SOURCE: CONTINUOUS})
            self.spool.put(Outcome(None, batch.encode(replace(profile, meta=meta))))
            self.sent += 1
            self.total += profile.total

    def drained(self) -> bool:
        """Whether all is with the server, which takes what is there."""
        sent = not len(self.spool)
        # After the look: what was sent between the two would be with Redis alone.
        drain()
        return sent


@pytest.fixture
def day(tmp_path: Path, directory: Path, settings: LazySettings) -> Iterator[Day]:
    """Redis is a server of its own, which forgets everything when it stops."""
    redis = RedisServer(directory)
    redis.start()
    settings.REDIS_URL = redis.url
    made = Day(tmp_path / "continuous", redis)
    yield made
    made.courier.stop(0)
    redis.stop()


@pytest.fixture
def directory() -> Iterator[Path]:
    """Short enough for a Unix socket's path."""
    import shutil  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    path = Path(tempfile.mkdtemp(prefix="webprof-"))
    yield path
    shutil.rmtree(path)


def test_an_agent_that_was_offline_brings_everything_back_in_order_and_once(day: Day) -> None:
    AgentDouble(day.redis.client).beat()
    register(heartbeats.living())
    day.minutes(20)
    wait_for(day.drained, "the first profiles")
    day.redis.stop()
    day.minutes(100)
    day.restart()  # the agent, too
    assert len(day.spool) == 100
    day.minutes(50)
    _, twice = day.spool.oldest() or pytest.fail("the spool is empty")
    day.redis.start()
    deliver(day.redis.client, twice)  # as when the answer of Redis was lost
    wait_for(day.drained, "the backlog")
    drain()
    assert totals() == {"app": day.total}
    assert (day.sent, day.spool.dropped, len(day.spool)) == (170, 0, 0)
    series = local_store().series(
        Question(parse(""), START_NS // NS_PER_MS, START_NS // NS_PER_MS + 170 * 60_000), 60_000, None
    )
    assert series.profiles.tolist() == [[1] * 170], "each minute once"


def test_a_server_that_is_behind_leaves_the_backlog_on_the_agents_disk(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_CONTINUOUS_BACKLOG > 5
    monkeypatch.setattr("profiler.agent.delivery.publisher.MAX_CONTINUOUS_BACKLOG", 5)
    AgentDouble(day.redis.client).beat()
    register(heartbeats.living())
    day.minutes(12)
    wait_for(lambda: day.redis.client.xlen(CONTINUOUS_STREAM) == 5, "a full stream")
    time.sleep(0.3)
    assert day.redis.client.xlen(CONTINUOUS_STREAM) == 5
    assert len(day.spool) == 7
    wait_for(day.drained, "the backlog")
    drain()
    assert totals() == {"app": day.total}
