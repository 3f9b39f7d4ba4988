"""The socket of a run: state, the tree as it grows, and the end."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from profiler.consumers import feed
from profiler.core import wire
from profiler.core.channel import WATCHED_TTL_S, EntryKind, RunState, live_key, watched_key
from profiler.core.spec import RecordingSpec
from profiler.ingest.drain import drain
from profiler.jobs import start
from profiler.models import Run
from tests.agent_double import AgentDouble
from tests.consumers.browser_socket import BrowserSocket
from tests.consumers.conftest import Connect

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(owner: User, agent: AgentDouble, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(feed, "TREE_INTERVAL_S", 0.05)
    return start(owner, RecordingSpec(duration_s=5), ["web-1"]).runs.get()


async def tree_total(socket: BrowserSocket) -> int:
    return int(wire.decode(await socket.receive_bytes()).total[0])


async def state(socket: BrowserSocket, wanted: str) -> dict[str, Any]:
    while (told := await socket.receive_json())["state"] != wanted:
        pass
    return told


async def test_a_viewer_sees_the_state_then_the_tree_grow(
    run: Run, viewer: User, agent: AgentDouble, browse: Connect
) -> None:
    socket = await browse(f"/ws/runs/{run.pk}/", viewer)
    assert await socket.connect()
    first = await socket.receive_json()
    assert (first["type"], first["state"], first["host"]) == ("run.changed", "queued", "web-1")
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=10))
    assert await tree_total(socket) == 11
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=5, start_s=1))
    assert await tree_total(socket) == 17
    assert 0 < agent.redis.ttl(watched_key(str(run.pk))) <= WATCHED_TTL_S, "the agent is told that somebody watches"
    await socket.disconnect()


async def test_a_late_viewer_gets_everything_before_a_snapshot_too(
    run: Run, viewer: User, agent: AgentDouble, browse: Connect
) -> None:
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=10))
    agent.live(run.pk, EntryKind.SNAPSHOT, agent.profile(samples=20))
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=1, start_s=2))
    assert agent.redis.xlen(live_key(str(run.pk))) == 2
    socket = await browse(f"/ws/runs/{run.pk}/", viewer)
    await socket.connect()
    assert await tree_total(socket) == 23
    await socket.disconnect()


async def test_numbers_between_changes_of_state_come_from_the_live_stream(
    run: Run, viewer: User, agent: AgentDouble, browse: Connect
) -> None:
    socket = await browse(f"/ws/runs/{run.pk}/", viewer)
    await socket.connect()
    agent.live_state(run.pk, RunState.RECORDING, elapsed_s=1.5, samples=42, message="rate lowered to 49.5 Hz")
    told = await state(socket, "recording")
    assert (told["elapsed_s"], told["samples"], told["message"]) == (1.5, 42, "rate lowered to 49.5 Hz")
    await socket.disconnect()


async def test_the_end_names_the_profile(run: Run, viewer: User, agent: AgentDouble, browse: Connect) -> None:
    socket = await browse(f"/ws/runs/{run.pk}/", viewer)
    await socket.connect()
    profile = agent.profile()
    agent.send_profile(run.pk, profile)
    agent.report(run.pk, RunState.DONE, at_s=6)
    await sync_to_async(drain)()
    told = await state(socket, "done")
    assert (told["final"], told["profile"]) == (True, profile.meta.id)
    assert told["url"] == f"/profiles/{profile.meta.id}/"
    await socket.disconnect()


async def test_a_damaged_entry_is_skipped_not_fatal(
    run: Run, viewer: User, agent: AgentDouble, browse: Connect
) -> None:
    agent.redis.xadd(live_key(str(run.pk)), {"kind": "delta", "data": b"nonsense"})
    agent.redis.xadd(live_key(str(run.pk)), {"kind": "state", "data": b"nonsense"})
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=10))
    socket = await browse(f"/ws/runs/{run.pk}/", viewer)
    await socket.connect()
    assert await tree_total(socket) == 11
    await socket.disconnect()


async def test_viewers_share_one_reader_and_the_last_one_ends_it(
    run: Run, viewer: User, owner: User, agent: AgentDouble, browse: Connect
) -> None:
    agent.live(run.pk, EntryKind.DELTA, agent.profile(samples=10))
    sockets = [await browse(f"/ws/runs/{run.pk}/", user) for user in (viewer, owner, viewer)]
    for socket in sockets:
        await socket.connect()
        assert await tree_total(socket) == 11
    assert [each.viewers for each in feed._feeds.values()] == [3]
    for socket in sockets:
        await socket.disconnect()
    assert feed._feeds == {}


async def test_a_right_that_is_taken_away_ends_the_socket(
    run: Run, viewer: User, agent: AgentDouble, browse: Connect
) -> None:
    socket = await browse(f"/ws/runs/{run.pk}/", viewer)
    await socket.connect()
    await socket.receive_json()
    await sync_to_async(viewer.groups.clear)()
    agent.report(run.pk, RunState.RECORDING, at_s=1)
    await sync_to_async(drain)()
    message = await socket.receive()
    assert (message["type"], message["code"]) == ("websocket.close", 4404)
    await socket.disconnect()
