"""Who may open the socket of a feed, with what, and who may have a probe started."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from profiler.consumers import watch, watched_feed
from profiler.core.probe import Emits, Probe
from profiler.probes.registry import all_probes
from tests import personas
from tests.agent_double import AgentDouble
from tests.consumers.conftest import Connect
from tests.consumers.feed_viewer import PATH, Look, Viewer, eventually, tasks
from tests.feed_double import FeedDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
STARTERS = {"owner", "colleague", "admin"}
TEAM = STARTERS | {"viewer"}


@pytest.fixture(autouse=True)
def _stacky(monkeypatch: pytest.MonkeyPatch, demo_feed: FeedDouble) -> None:
    monkeypatch.setitem(all_probes(), "stacky", Probe("stacky", "Stacks", "", Emits.STACKS, (), 1))


@pytest.mark.parametrize("persona", personas.EACH)
async def test_the_team_may_look_and_who_may_record_may_start(
    persona: str, owner: User, demo_feed: FeedDouble, browse: Connect
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
        await eventually(demo_feed.is_leased)
    else:
        assert not demo_feed.is_leased()
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


async def test_who_may_only_look_starts_nothing_again(
    viewer: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look
) -> None:
    page = await look(viewer)
    await page.state("idle")
    await page.socket.say({"again": True})
    demo_feed.send_events(1)
    await page.until(lambda each: bool(each.pids))
    assert tasks(agent) == []
    assert not demo_feed.is_leased()
    await page.leave()


async def test_a_right_that_is_taken_away_ends_the_socket(
    owner: User, demo_feed: FeedDouble, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CHECK_S", 0.05)
    page = await look(owner)
    await eventually(demo_feed.is_leased)
    await sync_to_async(owner.groups.clear)()
    await page.until(lambda each: each.closed is not None)
    assert page.closed == 4404
    await page.leave()


async def test_an_operator_who_becomes_a_viewer_keeps_nothing_running(
    owner: User, demo_feed: FeedDouble, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CHECK_S", 0.05)
    page = await look(owner)
    await eventually(demo_feed.is_leased)
    await sync_to_async(_make_viewer)(owner)
    await page.until(lambda each: any(told.get("may_start") is False for told in each.told))
    demo_feed.redis.delete(demo_feed.lease)
    await page.state("idle")
    await page.leave()


def _make_viewer(user: User) -> None:
    user.groups.set(personas.viewer().groups.all())


@pytest.mark.parametrize("said", ["nonsense", '{"taken": -1}', '{"taken": true}', '{"more": 1}', "[]"])
async def test_a_browser_that_talks_nonsense_is_left(owner: User, demo_feed: FeedDouble, look: Look, said: str) -> None:
    page = await look(owner)
    await page.socket.say_text(said)
    await page.until(lambda each: each.closed is not None)
    assert page.closed == watch.INVALID
    await page.leave()
