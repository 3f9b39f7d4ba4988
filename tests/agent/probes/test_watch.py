"""A real agent asked for feeds: they run while somebody watches, once each, and disturb no other."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from profiler.agent.probes.events import FIXED_RING_BYTES
from profiler.agent.probes.room import MAX_FEEDS, MAX_RINGS_BYTES
from profiler.core.event_batch import EventBatch, decode
from profiler.core.feed_channel import LEASE_TTL_S, LOOK_INTERVAL_S, TASK_WATCH, feed_id, feed_key, lease_key
from profiler.core.probe import Value
from profiler.probes.registry import probe_named
from tests.agent.servers import Agent, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]

LONG_S = 600
RING_MAP = "27"  # BPF_MAP_TYPE_RINGBUF
SENT = 101
SENDS = f"import os, signal; signal.signal(12, signal.SIG_IGN); [os.kill(os.getpid(), 12) for _ in range({SENT})]"


class Feed:
    """One that somebody watches until `leave`."""

    def __init__(self, agent: Agent, server: Server, **values: Value) -> None:
        self.agent, self.server = agent, server
        self.values = probe_named("signals").values(values)
        self.name = feed_id("signals", self.values)
        self.client = agent.server.client

    def ask(self) -> None:
        self.client.set(lease_key(self.agent.host, self.name), 1, ex=LONG_S)
        self.server.send(TASK_WATCH, kwargs={"probe": "signals", "values": self.values})

    def leave(self) -> None:
        self.client.delete(lease_key(self.agent.host, self.name))

    def entries(self) -> list[dict[bytes, bytes]]:
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", self.client.xrange(feed_key(self.agent.host, self.name)))
        return [fields for _, fields in found]

    def batches(self) -> list[EventBatch]:
        return [decode(fields[b"data"]) for fields in self.entries() if b"data" in fields]

    def senders(self) -> list[int]:
        return [sender for batch in self.batches() for sender in batch.columns["sender"].tolist()]  # type: ignore[union-attr]

    def errors(self) -> list[str]:
        return [fields[b"error"].decode() for fields in self.entries() if b"error" in fields]


@pytest.fixture
def feed(shared_agent: Agent, shared_server: Server) -> Iterator[Feed]:
    made = Feed(shared_agent, shared_server, signal=12)
    yield made
    made.leave()
    wait_for(lambda: not shared_agent.bpf_programs(), "no programs")
    shared_agent.server.client.delete(feed_key(shared_agent.host, made.name))


def run_load() -> int:
    with subprocess.Popen([sys.executable, "-S", "-c", SENDS]) as process:
        assert process.wait() == 0
    return process.pid


def test_what_happens_is_in_the_stream_whole_and_in_order(feed: Feed) -> None:
    feed.ask()
    wait_for(feed.batches, "a first batch, of nothing")
    pid = run_load()
    wait_for(lambda: feed.senders().count(pid) >= SENT, "all events")
    assert feed.senders().count(pid) == SENT
    batches = feed.batches()
    assert not any(batch.lost for batch in batches)
    assert [batch.sent_before for batch in batches] == [
        sum(len(before) for before in batches[:i]) for i in range(len(batches))
    ]
    assert all(one.end_ns == other.start_ns for one, other in pairwise(batches))


def test_asking_twice_changes_nothing_and_the_programs_go_with_the_last_viewer(feed: Feed, shared_agent: Agent) -> None:
    feed.ask()
    wait_for(feed.batches, "a first batch")
    programs = shared_agent.bpf_programs()
    feed.ask()
    seen = len(feed.batches())
    wait_for(lambda: len(feed.batches()) > seen + 2, "more batches")
    assert shared_agent.bpf_programs() == programs
    assert len(programs) == 1
    feed.leave()
    wait_for(lambda: not shared_agent.bpf_programs(), "the program to be gone")
    assert feed.errors() == []
    feed.ask()
    wait_for(shared_agent.bpf_programs, "the feed again")


def test_a_lease_and_a_look_are_well_within_fifteen_seconds() -> None:
    """What the agent adds is measured: bench/feed_detach.py."""
    assert LEASE_TTL_S + LOOK_INTERVAL_S <= 13


def test_another_feed_comes_and_goes_without_disturbing_the_first(
    feed: Feed, shared_agent: Agent, shared_server: Server
) -> None:
    feed.ask()
    wait_for(feed.batches, "a first batch")
    first = shared_agent.bpf_programs()
    other = Feed(shared_agent, shared_server, signal=12, pid=os.getpid())
    other.ask()
    wait_for(other.batches, "a batch of the other")
    pid = run_load()
    other.leave()
    wait_for(lambda: shared_agent.bpf_programs() == first, "the other to be gone")
    again = run_load()
    wait_for(lambda: feed.senders().count(again) >= SENT, "all events")
    assert (feed.senders().count(pid), feed.senders().count(again)) == (SENT, SENT)
    assert not any(batch.lost for batch in feed.batches())
    assert other.senders() == []


@pytest.mark.parametrize(
    ("probe", "values", "says"),
    [
        ("signals", {"signal": 65}, "signal=65 must be a whole number from 0 to 64"),
        ("signals", {"comm": "x" * 16}, "at most 15 bytes"),
        ("signals", {"shell": "rm"}, "no parameter shell"),
        ("no_such_probe", {}, "there is no probe 'no_such_probe'"),
    ],
)
def test_what_cannot_run_says_why_in_the_stream(
    shared_agent: Agent, shared_server: Server, probe: str, values: dict[str, Value], says: str
) -> None:
    shared_server.send(TASK_WATCH, kwargs={"probe": probe, "values": values})
    key = feed_key(shared_agent.host, feed_id(probe, values))
    wait_for(lambda: shared_agent.server.client.xlen(key), "a refusal")
    ((_, entry),) = cast("list[tuple[bytes, dict[bytes, bytes]]]", shared_agent.server.client.xrange(key))
    assert says in entry[b"error"].decode()
    assert not shared_agent.bpf_programs()


@pytest.mark.parametrize(
    "message",
    [{"probe": "../signals"}, {"probe": "signals", "values": {"pid": [1]}}, {"probe": "signals", "file": "/etc"}],
)
def test_a_message_that_is_none_is_refused_in_the_log(
    shared_agent: Agent, shared_server: Server, message: dict[str, object]
) -> None:
    before = shared_agent.log.count(f"{TASK_WATCH}: ")
    shared_server.send(TASK_WATCH, kwargs=message)
    wait_for(lambda: shared_agent.log.count(f"{TASK_WATCH}: ") > before, "the refusal in the log")


def ring_bytes(pid: int) -> list[int]:
    """Of the rings that a process holds, as the kernel tells of its descriptors."""
    found = {}
    for file in Path(f"/proc/{pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            told = dict(line.split(":", 1) for line in file.read_text().splitlines() if ":" in line)
            if told.get("map_type", "").strip() == RING_MAP:
                found[told["map_id"]] = int(told["max_entries"])  # each mapping of it holds a descriptor too
    return list(found.values())


def test_more_feeds_than_a_host_may_run_are_refused_and_the_others_go_on(
    shared_agent: Agent, shared_server: Server
) -> None:
    feeds = [Feed(shared_agent, shared_server, pid=pid, signal=12) for pid in range(1, MAX_FEEDS + 2)]
    for feed in feeds:
        feed.ask()
    wait_for(feeds[-1].errors, "the refusal")
    assert f"runs {MAX_FEEDS} feeds already" in feeds[-1].errors()[0]
    wait_for(lambda: all(feed.batches() for feed in feeds[:-1]), "batches of all others")
    assert len(shared_agent.bpf_programs()) == MAX_FEEDS
    rings = ring_bytes(shared_agent.process.pid)
    assert len(rings) == MAX_FEEDS
    assert sum(rings) <= MAX_RINGS_BYTES
    assert max(rings) == FIXED_RING_BYTES, "the first ones have what they want"
    for feed in feeds:
        feed.leave()
    wait_for(lambda: not shared_agent.bpf_programs(), "all to be gone")
