"""The socket of a feed: who may open it, what keeps the probe running, what comes, and what is told of losses."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from profiler.consumers import watch, watched_feed
from profiler.core.channel import host_queue
from profiler.core.event_batch import LOST_RING
from profiler.core.feed_channel import LEASE_TTL_S, TASK_WATCH
from profiler.core.feed_wire import MAGIC, SCHEMA
from profiler.core.probe import Emits, Probe
from profiler.core.sections import unpack
from profiler.jobs.hosts import register
from profiler.probes.registry import all_probes
from tests import personas
from tests.agent_double import AgentDouble, host_inventory
from tests.consumers.browser_socket import BrowserSocket
from tests.consumers.conftest import Connect
from tests.feed_double import DEMO, FeedDouble, columns

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
PATH = "/ws/hosts/web-1/feeds/demo/"
STARTERS = {"owner", "colleague", "admin"}
TEAM = STARTERS | {"viewer"}
PATIENCE_S = 30


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setitem(all_probes(), "demo", DEMO)
    monkeypatch.setitem(all_probes(), "stacky", Probe("stacky", "Stacks", "", Emits.STACKS, (), 1))
    monkeypatch.setattr(watched_feed, "RENEW_S", 0.05)
    register({"web-1": host_inventory("web-1")})


@pytest.fixture
def feed(agent: AgentDouble) -> FeedDouble:
    return FeedDouble(agent.redis)


class Viewer:
    """A browser's page: remembers what it was told."""

    def __init__(self, socket: BrowserSocket) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []
        self.heads: list[dict[str, Any]] = []
        self.pids: list[int] = []
        self.closed: int | None = None

    async def hear(self) -> None:
        message = await self.socket.receive()
        if message["type"] == "websocket.close":
            self.closed = message["code"]
        elif message.get("text"):
            self.told.append(json.loads(message["text"]))
        else:
            header, found = unpack(MAGIC, SCHEMA, message["bytes"])
            self.heads.append(header)
            self.pids += found["pid"].tolist()

    async def until(self, met: Callable[["Viewer"], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not met(self):
            assert time.monotonic() < deadline, f"told {self.told}, {len(self.pids)} events"
            await self.hear()

    async def state(self, wanted: str) -> str:
        """The message of the next such state."""
        before = len(self.told)
        await self.until(lambda viewer: any(each.get("state") == wanted for each in viewer.told[before:]))
        return str(self.told[-1]["message"])

    async def take(self) -> None:
        """All that came so far was worked on."""
        await self.socket.say({"taken": len(self.heads)})

    async def leave(self) -> None:
        await self.socket.disconnect()


Look = Callable[..., Any]


@pytest.fixture
def look(browse: Connect) -> Look:
    async def open_page(user: User | None, query: str = "", path: str = PATH) -> Viewer:
        socket = await browse(path, user, query=query)
        assert await socket.connect()
        return Viewer(socket)

    return open_page


async def eventually(met: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await sync_to_async(met)():
        assert time.monotonic() < deadline


def tasks(agent: AgentDouble) -> list[dict[str, Any]]:
    """Arguments of the tasks that wait for the host."""
    found = agent.redis.lrange(host_queue("web-1"), 0, -1)
    messages = [json.loads(each) for each in found]
    assert {each["headers"]["task"] for each in messages} <= {TASK_WATCH}
    return [each["headers"] for each in messages]


@pytest.mark.parametrize("persona", personas.EACH)
async def test_the_team_may_look_and_who_may_record_may_start(
    persona: str, owner: User, feed: FeedDouble, browse: Connect
) -> None:
    user = owner if persona == "owner" else await sync_to_async(personas.make)(persona)
    socket = await browse(PATH, user)
    assert await socket.connect() == (persona in TEAM)
    if persona not in TEAM:
        return
    viewer = Viewer(socket)
    await viewer.state("starting" if persona in STARTERS else "idle")
    assert viewer.told[0]["may_start"] == (persona in STARTERS)
    if persona in STARTERS:
        await eventually(feed.is_leased)
    else:
        assert not feed.is_leased()
    await viewer.leave()
    assert watched_feed._feeds == {}


@pytest.mark.parametrize("path", ["/ws/hosts/nobody/feeds/demo/", "/ws/hosts/web-1%00/feeds/demo/"])
async def test_a_host_that_does_not_exist_is_refused(
    owner: User, agent: AgentDouble, browse: Connect, path: str
) -> None:
    socket = await browse(path, owner)
    assert not await socket.connect()


@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        (PATH, "pid=-1", "pid='-1' must be a whole number from 0"),
        (PATH, "pid=1e3", "pid='1e3' must be a whole number"),
        (PATH, "comm=sixteen+letters%21", "must be text of at most 15 bytes"),
        (PATH, "failed=perhaps", "failed='perhaps' must be true or false"),
        (PATH, "colour=red", "has no parameter colour; it has pid, comm, failed"),
        ("/ws/hosts/web-1/feeds/nothing/", "", "there is no probe 'nothing'"),
        ("/ws/hosts/web-1/feeds/stacky/", "", "gives stacks"),
    ],
)
async def test_what_can_not_be_watched_is_told_in_words(
    owner: User, agent: AgentDouble, look: Look, path: str, query: str, told: str
) -> None:
    viewer = await look(owner, query, path)
    await viewer.until(lambda viewer: viewer.closed is not None)
    assert viewer.closed == watch.INVALID
    assert told in viewer.told[0]["message"]


async def test_the_host_is_asked_and_the_lease_is_kept_while_somebody_watches(
    owner: User, agent: AgentDouble, feed: FeedDouble, look: Look
) -> None:
    mine = FeedDouble(agent.redis, values={"pid": 7, "failed": True})
    viewer = await look(owner, "pid=7&failed=1&comm=")
    await eventually(lambda: tasks(agent))
    assert json.loads(tasks(agent)[0]["kwargsrepr"].replace("'", '"').replace("True", "true")) == {
        "probe": "demo",
        "values": {"pid": 7, "comm": "", "failed": True},
    }
    await eventually(mine.is_leased)
    assert not feed.is_leased(), "another set of parameters is another feed"
    agent.redis.expire(mine.lease, 1)
    await eventually(lambda: agent.redis.ttl(mine.lease) > 1)
    assert agent.redis.ttl(mine.lease) <= LEASE_TTL_S
    await viewer.leave()
    agent.redis.expire(mine.lease, 1)
    await eventually(lambda: not mine.is_leased())


async def test_a_feed_that_runs_is_not_asked_for_again_until_it_falls_silent(
    owner: User, agent: AgentDouble, feed: FeedDouble, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = await look(owner)
    await eventually(lambda: tasks(agent))
    feed.send(columns(0))
    await viewer.state("running")
    monkeypatch.setattr(watched_feed, "SILENCE_S", 0.0)
    agent.redis.delete(host_queue("web-1"))
    await eventually(lambda: tasks(agent))
    await viewer.leave()


async def test_events_come_to_all_viewers_through_one_reader(
    owner: User, viewer: User, feed: FeedDouble, look: Look
) -> None:
    pages = [await look(user) for user in (owner, viewer, owner)]
    for page in pages:
        await page.until(lambda each: bool(each.told))
    (shared,) = watched_feed._feeds.values()
    assert (len(shared.viewers), shared.starters) == (3, 2)
    feed.send_events(13)
    feed.send_events(7)
    for page in pages:
        await page.until(lambda each: len(each.pids) == 20)
        assert page.pids == list(range(1000, 1020))
        await page.leave()
    assert watched_feed._feeds == {}


async def test_who_comes_late_sees_what_was_before(owner: User, feed: FeedDouble, look: Look) -> None:
    feed.send_events(13)
    feed.fail("an old failure says nothing about now")
    feed.send_events(5)
    page = await look(owner)
    await page.until(lambda each: len(each.pids) == 18)
    feed.send_events(3)
    await page.until(lambda each: len(each.pids) == 21)
    assert page.pids == list(range(1000, 1021))
    assert "failed" not in {each.get("state") for each in page.told}
    await page.leave()


async def test_a_slow_viewer_misses_whole_batches_and_is_told_how_many_events(
    owner: User, feed: FeedDouble, look: Look
) -> None:
    quick, slow = await look(owner), await look(owner)
    for page in (quick, slow):
        await page.until(lambda each: bool(each.told))
    for _ in range(40):
        feed.send_events(17, lost={LOST_RING: 1})
        await quick.until(lambda each: len(each.pids) == feed.sent)
        await quick.take()
    await slow.until(lambda each: len(each.heads) == watch.MAX_UNDER_WAY)
    await slow.take()
    await slow.until(lambda each: 1000 + feed.sent - 1 in each.pids)
    missed = 40 - watch.MAX_UNDER_WAY - 1
    dropped = [each for each in slow.told if each["type"] == "feed.dropped"]
    assert dropped == [{"type": "feed.dropped", "batches": missed, "events": 17 * missed}]
    assert len(slow.pids) + 17 * missed == feed.sent
    assert slow.heads[-1]["lost"] == {LOST_RING: 40}, "what was lost before is told although its batch was left out"
    for page in (quick, slow):
        await page.leave()


async def test_losses_of_the_host_are_sums_and_what_left_redis_unread_is_counted(
    owner: User, agent: AgentDouble, feed: FeedDouble, look: Look
) -> None:
    page = await look(owner)
    feed.send_events(3, lost={LOST_RING: 5})
    await page.until(lambda each: len(each.pids) == 3)
    feed.batch(columns(11))  # made, counted, and never read
    agent.redis.xadd(feed.key, {"data": b"damaged on the way"})
    feed.send_events(2, lost={LOST_RING: 2})
    await page.until(lambda each: len(each.pids) == 5)
    assert page.heads[0]["lost_before"] == {}
    assert page.heads[-1]["lost_before"] == {LOST_RING: 5}
    assert page.heads[-1]["lost"] == {LOST_RING: 7, watched_feed.LOST_UNREAD: 11}
    again = FeedDouble(agent.redis)
    again.began_ns = feed.began_ns + 1
    again.send_events(4)
    await page.until(lambda each: len(each.pids) == 9)
    assert page.heads[-1]["lost"][watched_feed.LOST_UNREAD] == 11, "a feed that began anew has lost nothing"
    await page.leave()


async def test_a_loss_without_events_is_told(owner: User, feed: FeedDouble, look: Look) -> None:
    page = await look(owner)
    feed.send(columns(0), {LOST_RING: 13})
    await page.until(lambda each: bool(each.heads))
    assert page.heads[0]["lost"] == {LOST_RING: 13}
    await page.leave()


async def test_batches_of_another_host_or_probe_are_not_shown(
    owner: User, agent: AgentDouble, feed: FeedDouble, look: Look
) -> None:
    page = await look(owner)
    other = FeedDouble(agent.redis, host="web-2")
    agent.redis.xadd(feed.key, {"data": other.batch(columns(3))})
    feed.send_events(2)
    await page.until(lambda each: bool(each.pids))
    assert page.pids == [1000, 1001]
    await page.leave()


async def test_an_error_of_the_agent_is_told_and_ends_it_until_somebody_asks_again(
    owner: User, agent: AgentDouble, feed: FeedDouble, look: Look
) -> None:
    page = await look(owner)
    await eventually(lambda: tasks(agent))
    feed.fail(b"the kernel refused program exec: \xff" + b"x" * 5000)
    told = await page.state("failed")
    assert told.startswith("the kernel refused program exec: \ufffdx")
    assert len(told) == watched_feed.MAX_ERROR
    agent.redis.delete(host_queue("web-1"), feed.lease)
    await page.socket.say({"again": True})
    await page.state("starting")
    await eventually(lambda: tasks(agent) and feed.is_leased())
    feed.send_events(1)
    await page.state("running")
    await page.leave()


async def test_who_may_only_look_starts_nothing_again(
    viewer: User, agent: AgentDouble, feed: FeedDouble, look: Look
) -> None:
    page = await look(viewer)
    await page.state("idle")
    await page.socket.say({"again": True})
    feed.send_events(1)
    await page.until(lambda each: bool(each.pids))
    assert tasks(agent) == []
    assert not feed.is_leased()
    await page.leave()


async def test_a_host_that_is_away_is_told_and_asked_when_it_is_back(
    owner: User, agent: AgentDouble, feed: FeedDouble, look: Look
) -> None:
    agent.die()
    page = await look(owner)
    assert "web-1 sends no heartbeat" in await page.state("away")
    assert tasks(agent) == []
    agent.beat()
    await page.state("starting")
    await eventually(lambda: tasks(agent))
    await page.leave()


async def test_a_right_that_is_taken_away_ends_the_socket(
    owner: User, feed: FeedDouble, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CHECK_S", 0.05)
    page = await look(owner)
    await eventually(feed.is_leased)
    await sync_to_async(owner.groups.clear)()
    await page.until(lambda each: each.closed is not None)
    assert page.closed == 4404
    await page.leave()


async def test_an_operator_who_becomes_a_viewer_keeps_nothing_running(
    owner: User, feed: FeedDouble, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CHECK_S", 0.05)
    page = await look(owner)
    await eventually(feed.is_leased)
    await sync_to_async(_make_viewer)(owner)
    await page.until(lambda each: any(told.get("may_start") is False for told in each.told))
    feed.redis.delete(feed.lease)
    await page.state("idle")
    await page.leave()


def _make_viewer(user: User) -> None:
    user.groups.set(personas.viewer().groups.all())


@pytest.mark.parametrize("said", ["nonsense", '{"taken": -1}', '{"taken": true}', '{"more": 1}', "[]"])
async def test_a_browser_that_talks_nonsense_is_left(owner: User, feed: FeedDouble, look: Look, said: str) -> None:
    page = await look(owner)
    await page.socket.say_text(said)
    await page.until(lambda each: each.closed is not None)
    assert page.closed == watch.INVALID
    await page.leave()
