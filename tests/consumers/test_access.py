"""Who may open which socket."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from profiler.core.spec import RecordingSpec
from profiler.jobs import start
from tests import personas
from tests.agent_double import AgentDouble
from tests.consumers.browser_socket import BrowserSocket
from tests.consumers.conftest import Connect

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
MAY_LOOK = {"owner", "colleague", "viewer", "admin"}


def _persona(name: str, owner: User) -> User | None:
    return owner if name == "owner" else personas.make(name)


async def connects(socket: BrowserSocket) -> bool:
    connected = await socket.connect()
    await socket.disconnect()
    return connected


@pytest.mark.parametrize("persona", personas.EACH)
@pytest.mark.parametrize("path", ["/ws/hosts/", "/ws/runs/{run}/"])
async def test_sockets_open_for_the_team_only(
    persona: str, path: str, owner: User, agent: AgentDouble, browse: Connect
) -> None:
    job = await sync_to_async(start)(owner, RecordingSpec(), ["web-1"])
    run = await job.runs.aget()
    user = await sync_to_async(_persona)(persona, owner)
    socket = await browse(path.format(run=run.pk), user)
    assert await connects(socket) == (persona in MAY_LOOK)


async def test_a_run_that_does_not_exist_is_refused(viewer: User, agent: AgentDouble, browse: Connect) -> None:
    assert not await connects(await browse("/ws/runs/00000000-0000-4000-8000-000000000000/", viewer))


@pytest.mark.parametrize("origin", [b"https://evil.example", b""])
async def test_another_sites_page_can_not_use_the_session(
    viewer: User, agent: AgentDouble, browse: Connect, origin: bytes
) -> None:
    assert not await connects(await browse("/ws/hosts/", viewer, origin))
