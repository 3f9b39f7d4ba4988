"""The socket of the hosts page."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from profiler.consumers import hosts
from profiler.jobs.hosts import register
from tests.agent_double import AgentDouble, host_inventory
from tests.consumers.conftest import Connect

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "INTERVAL_S", 0.05)
    monkeypatch.setattr(hosts, "PATIENCE_MS", 200)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is said moves the page, not the look that is taken now and then."""
    monkeypatch.setattr(hosts, "PATIENCE_MS", 60_000)


async def test_a_heartbeat_is_told(viewer: User, agent: AgentDouble, browse: Connect, known_host: None) -> None:
    socket = await browse("/ws/hosts/", viewer)
    await socket.connect()
    first = await socket.receive_json()
    assert first == {
        "type": "hosts.changed",
        "hosts": [{"id": "web-1", "alive": True, "run": None, "cpu_percent": 12.5}],
    }
    agent.beat()
    assert (await socket.receive_json())["hosts"][0]["alive"]
    await socket.disconnect()


async def test_a_host_is_told_when_it_first_has_a_row(
    viewer: User, agent: AgentDouble, browse: Connect, known_host: None, patient: None
) -> None:
    late = AgentDouble(agent.redis, "late-1")
    late.beat()
    socket = await browse("/ws/hosts/", viewer)
    await socket.connect()
    assert [host["id"] for host in (await socket.receive_json())["hosts"]] == ["web-1"]
    await sync_to_async(register)({"late-1": host_inventory("late-1")})
    assert [host["id"] for host in (await socket.receive_json())["hosts"]] == ["late-1", "web-1"]
    await socket.disconnect()


async def test_a_heartbeat_right_after_the_first_message_is_told(
    viewer: User, agent: AgentDouble, browse: Connect, known_host: None, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "INTERVAL_S", 0.5)
    socket = await browse("/ws/hosts/", viewer)
    await socket.connect()
    await socket.receive_json()
    agent.beat()
    assert (await socket.receive_json())["hosts"][0]["alive"]
    await socket.disconnect()


async def test_a_host_that_falls_silent_is_told_too(
    viewer: User, agent: AgentDouble, browse: Connect, known_host: None
) -> None:
    socket = await browse("/ws/hosts/", viewer)
    await socket.connect()
    await socket.receive_json()
    agent.die()
    told = await socket.receive_json()
    while told["hosts"][0]["alive"]:
        told = await socket.receive_json()
    assert told["hosts"][0]["cpu_percent"] is None
    await socket.disconnect()


@pytest.fixture
def known_host(db: None) -> None:
    register({"web-1": host_inventory("web-1")})
