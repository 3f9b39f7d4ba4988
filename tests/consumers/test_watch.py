"""The socket of a feed: what keeps the probe running, what comes, and what is told of losses."""

import json

import pytest
from django.contrib.auth.models import User

from profiler.consumers import watch, watched_feed
from profiler.core.channel import host_queue
from profiler.core.event_batch import LOST_RING
from profiler.core.feed_channel import LEASE_TTL_S
from tests.agent_double import AgentDouble
from tests.consumers.feed_viewer import Look, eventually, tasks
from tests.feed_double import FeedDouble, columns

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


async def test_the_host_is_asked_and_the_lease_is_kept_while_somebody_watches(
    owner: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look
) -> None:
    mine = FeedDouble(agent.redis, values={"pid": 7, "failed": True})
    viewer = await look(owner, "pid=7&failed=1&comm=")
    await eventually(lambda: tasks(agent))
    assert json.loads(tasks(agent)[0]["kwargsrepr"].replace("'", '"').replace("True", "true")) == {
        "probe": "demo",
        "values": {"pid": 7, "comm": "", "failed": True},
    }
    await eventually(mine.is_leased)
    assert not demo_feed.is_leased(), "another set of parameters is another feed"
    agent.redis.expire(mine.lease, 1)
    await eventually(lambda: agent.redis.ttl(mine.lease) > 1)
    assert agent.redis.ttl(mine.lease) <= LEASE_TTL_S
    await viewer.leave()
    agent.redis.expire(mine.lease, 1)
    await eventually(lambda: not mine.is_leased())


async def test_a_feed_that_runs_is_not_asked_for_again_until_it_falls_silent(
    owner: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_feed, "SILENCE_S", 3600.0)
    viewer = await look(owner)
    await eventually(lambda: tasks(agent))
    demo_feed.send(columns(0))
    await viewer.state("running")
    await _lease_was_renewed(agent, demo_feed)  # what was asked before is in the queue now
    asked = len(tasks(agent))
    await _lease_was_renewed(agent, demo_feed)
    assert len(tasks(agent)) == asked
    monkeypatch.setattr(watched_feed, "SILENCE_S", 0.0)
    await eventually(lambda: len(tasks(agent)) > asked)
    await viewer.leave()


async def _lease_was_renewed(agent: AgentDouble, feed: FeedDouble) -> None:
    """Twice: the second time was begun after this was."""
    for _ in range(2):
        agent.redis.delete(feed.lease)
        await eventually(feed.is_leased)


async def test_events_come_to_all_viewers_through_one_reader(
    owner: User, viewer: User, demo_feed: FeedDouble, look: Look
) -> None:
    pages = [await look(user) for user in (owner, viewer, owner)]
    for page in pages:
        await page.until(lambda each: bool(each.told))
    (shared,) = watched_feed._feeds.values()
    assert (len(shared.viewers), shared.starters) == (3, 2)
    demo_feed.send_events(13)
    demo_feed.send_events(7)
    for page in pages:
        await page.until(lambda each: len(each.pids) == 20)
        assert page.pids == list(range(1000, 1020))
        await page.leave()
    assert watched_feed._feeds == {}


async def test_who_comes_late_sees_what_was_before(owner: User, demo_feed: FeedDouble, look: Look) -> None:
    demo_feed.send_events(13)
    demo_feed.fail("an old failure says nothing about now")
    demo_feed.send_events(5)
    page = await look(owner)
    await page.until(lambda each: len(each.pids) == 18)
    demo_feed.send_events(3)
    await page.until(lambda each: len(each.pids) == 21)
    assert page.pids == list(range(1000, 1021))
    assert "failed" not in {each.get("state") for each in page.told}
    await page.leave()


async def test_a_slow_viewer_misses_whole_batches_and_is_told_how_many_events(
    owner: User, demo_feed: FeedDouble, look: Look
) -> None:
    quick, slow = await look(owner), await look(owner)
    for page in (quick, slow):
        await page.until(lambda each: bool(each.told))
    for _ in range(40):
        demo_feed.send_events(17, lost={LOST_RING: 1})
        await quick.until(lambda each: len(each.pids) == demo_feed.sent)
        await quick.take()
    await slow.until(lambda each: len(each.heads) == watch.MAX_UNDER_WAY)
    await slow.take()
    await slow.until(lambda each: 1000 + demo_feed.sent - 1 in each.pids)
    missed = 40 - watch.MAX_UNDER_WAY - 1
    dropped = [each for each in slow.told if each["type"] == "feed.dropped"]
    assert dropped == [{"type": "feed.dropped", "batches": missed, "events": 17 * missed}]
    assert len(slow.pids) + 17 * missed == demo_feed.sent
    assert slow.heads[-1]["lost"] == {LOST_RING: 40}, "what was lost before is told although its batch was left out"
    for page in (quick, slow):
        await page.leave()


async def test_losses_of_the_host_are_sums_and_what_left_redis_unread_is_counted(
    owner: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look
) -> None:
    page = await look(owner)
    demo_feed.send_events(3, lost={LOST_RING: 5})
    await page.until(lambda each: len(each.pids) == 3)
    demo_feed.batch(columns(11))  # made, counted, and never read
    agent.redis.xadd(demo_feed.key, {"data": b"damaged on the way"})
    demo_feed.send_events(2, lost={LOST_RING: 2})
    await page.until(lambda each: len(each.pids) == 5)
    assert page.heads[0]["lost_before"] == {}
    assert page.heads[-1]["lost_before"] == {LOST_RING: 5}
    assert page.heads[-1]["lost"] == {LOST_RING: 7, watched_feed.LOST_UNREAD: 11}
    again = FeedDouble(agent.redis)
    again.began_ns = demo_feed.began_ns + 1
    again.send_events(4)
    await page.until(lambda each: len(each.pids) == 9)
    assert page.heads[-1]["lost"][watched_feed.LOST_UNREAD] == 11, "a feed that began anew has lost nothing"
    await page.leave()


async def test_a_loss_without_events_is_told(owner: User, demo_feed: FeedDouble, look: Look) -> None:
    page = await look(owner)
    demo_feed.send(columns(0), {LOST_RING: 13})
    await page.until(lambda each: bool(each.heads))
    assert page.heads[0]["lost"] == {LOST_RING: 13}
    await page.leave()


async def test_batches_of_another_host_or_probe_are_not_shown(
    owner: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look
) -> None:
    page = await look(owner)
    other = FeedDouble(agent.redis, host="web-2")
    agent.redis.xadd(demo_feed.key, {"data": other.batch(columns(3))})
    demo_feed.send_events(2)
    await page.until(lambda each: bool(each.pids))
    assert page.pids == [1000, 1001]
    await page.leave()


async def test_an_error_of_the_agent_is_told_and_ends_it_until_somebody_asks_again(
    owner: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look
) -> None:
    page = await look(owner)
    await eventually(lambda: tasks(agent))
    demo_feed.fail(b"the kernel refused program exec: \xff" + b"x" * 5000)
    told = await page.state("failed")
    assert told.startswith("the kernel refused program exec: \ufffdx")
    assert len(told) == watched_feed.MAX_ERROR
    agent.redis.delete(host_queue("web-1"), demo_feed.lease)
    await page.socket.say({"again": True})
    await page.state("starting")
    await eventually(lambda: tasks(agent) and demo_feed.is_leased())
    demo_feed.send_events(1)
    await page.state("running")
    await page.leave()


async def test_a_host_that_is_away_is_told_and_asked_when_it_is_back(
    owner: User, agent: AgentDouble, demo_feed: FeedDouble, look: Look
) -> None:
    agent.die()
    page = await look(owner)
    assert "web-1 sends no heartbeat" in await page.state("away")
    assert tasks(agent) == []
    agent.beat()
    await page.state("starting")
    await eventually(lambda: tasks(agent))
    await page.leave()
