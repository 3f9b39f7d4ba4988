"""The socket of a program: what it says as it comes, its end, and nobody without the right."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from profiler.core.channel import RunState
from tests import personas
from tests.agent_double import AgentDouble
from tests.bpftrace_double import ended_program, queued_run, report, results, send, show, trusted
from tests.consumers.conftest import Connect

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("persona", personas.EACH)
async def test_it_opens_for_who_has_the_right_only(
    persona: str, owner: User, agent: AgentDouble, browse: Connect
) -> None:
    run = await sync_to_async(ended_program)(owner, agent)
    user = owner if persona == "owner" else await sync_to_async(personas.make)(persona)
    socket = await browse(f"/ws/bpftrace/{run.pk}/", user)
    assert await socket.connect() == (persona == "admin")
    await socket.disconnect()


async def test_results_come_while_it_runs_and_the_end_when_it_is_stored(
    owner: User, agent: AgentDouble, browse: Connect
) -> None:
    tracer = await sync_to_async(trusted)(owner)
    run = await sync_to_async(queued_run)(tracer)
    socket = await browse(f"/ws/bpftrace/{run.pk}/", tracer)
    assert await socket.connect()
    assert (await socket.receive_json())["state"] == "queued"
    await sync_to_async(show)(agent, report(run, RunState.RECORDING, results(), elapsed_s=1))
    while (told := await socket.receive_json())["results"] is None:
        pass
    assert (told["state"], told["final"], told["results"]["printed"]["text"]) == ("recording", False, ["hit"])
    await sync_to_async(send)(agent, report(run, RunState.DONE, results(), elapsed_s=2))
    while not (told := await socket.receive_json())["final"]:
        pass
    assert (told["state"], told["results"]["maps"][0]["rows"]) == ("done", [["", 7]])
    await socket.disconnect()


async def test_who_loses_the_right_sees_no_more(owner: User, agent: AgentDouble, browse: Connect) -> None:
    tracer = await sync_to_async(trusted)(owner)
    run = await sync_to_async(queued_run)(tracer)
    socket = await browse(f"/ws/bpftrace/{run.pk}/", tracer)
    assert await socket.connect()
    assert (await socket.receive_json())["state"] == "queued"
    await sync_to_async(tracer.groups.clear)()
    while (message := await socket.receive())["type"] != "websocket.close":
        pass
    assert message["code"] == 4404
