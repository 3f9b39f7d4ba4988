"""Programs on a host as its agent runs them: only where that is allowed, one at a time, gone with the agent."""

import contextlib
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from profiler.core.bpftrace.channel import BPFTRACE_STREAM, TASK_BPFTRACE, TASK_BPFTRACE_STOP, live_results_key
from profiler.core.bpftrace.results import ProgramReport, decode
from profiler.core.channel import RunState
from profiler.core.inventory import Capability
from tests.agent.servers import Agent, RedisServer, Server, wait_for

pytestmark = [
    pytest.mark.bpf,
    pytest.mark.redis,
    pytest.mark.skipif(shutil.which("bpftrace") is None, reason="bpftrace is not installed: apt-get install bpftrace"),
]
ENDLESS = "BEGIN { @begun = 1; }"


@pytest.fixture(scope="module")
def allowing() -> Iterator[Agent]:
    """A running agent that allows programs, with a Redis of its own."""
    path = Path(tempfile.mkdtemp(prefix="webprof-"))
    redis = RedisServer(path)
    redis.start()
    made = Agent(redis, path, options=("--allow-bpftrace",))
    try:
        made.start()
        yield made
    finally:
        made.kill_if_running()
        redis.stop()
        print(made.log)  # noqa: T201 pytest shows it when the test failed
        shutil.rmtree(path)


def begin(server: Server, program: str = ENDLESS, **more: object) -> str:
    run = str(uuid.uuid4())
    server.send(TASK_BPFTRACE, kwargs={"run": run, "program": program, "duration_s": 600, **more})
    return run


def reports(server: Server, key: str, run: str) -> list[ProgramReport]:
    entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", server.redis.client.xrange(key))
    found = [decode(fields[b"data"]) for _, fields in entries]
    return [report for report in found if report.run == run]


def wait_for_end(server: Server, run: str) -> ProgramReport:
    def end() -> ProgramReport | None:
        return next((each for each in reports(server, BPFTRACE_STREAM, run) if each.state.final), None)

    return wait_for(end, f"bpftrace run {run} to end")


def wait_until_it_runs(server: Server, run: str) -> None:
    wait_for(
        lambda: [each for each in reports(server, live_results_key(run), run) if each.state is RunState.RECORDING],
        f"bpftrace run {run} to begin",
    )


def capability(agent: Agent) -> Capability:
    inventory = agent.alive()
    assert inventory is not None
    return next(each for each in inventory.capabilities if each.name == "bpftrace")


def children(agent: Agent) -> list[int]:
    """Pids of bpftrace below the agent."""
    found = []
    for task in Path(f"/proc/{agent.process.pid}/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if runs(pid)]


def runs(pid: int) -> bool:
    """Whether it is bpftrace, and not one that has ended and waits for somebody to ask how."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "Name:\tbpftrace" in status and "State:\tZ" not in status


def test_an_agent_that_was_not_told_to_runs_none(shared_agent: Agent, shared_server: Server) -> None:
    said = capability(shared_agent)
    assert not said.available
    assert "--allow-bpftrace" in said.fix
    end = wait_for_end(shared_server, begin(shared_server))
    assert end.state is RunState.FAILED
    assert "--allow-bpftrace" in end.message


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"program": ""}, "program=''"),
        ({"program": "x" * 40_000}, "program="),
        ({"program": "a\0b"}, "program="),
        ({"program": ["id"]}, "program=['id']"),
        ({"duration_s": 0}, "duration_s=0"),
        ({"duration_s": 10**6}, "duration_s=1000000"),
        ({"unsafe": True}, "unsafe is not a field"),
    ],
)
def test_a_wrong_message_fails_the_run_that_it_names(shared_server: Server, more: dict[str, Any], says: str) -> None:
    end = wait_for_end(shared_server, begin(shared_server, **more))
    assert end.state is RunState.FAILED
    assert end.message.startswith(f"{TASK_BPFTRACE}: ")
    assert says in end.message


def test_one_program_at_a_time_runs_until_it_is_stopped(allowing: Agent) -> None:
    server = Server(allowing.server)
    assert capability(allowing).available
    first = begin(server)
    wait_until_it_runs(server, first)
    second = wait_for_end(server, begin(server))
    assert (second.state, "one at a time" in second.message) == (RunState.FAILED, True)
    begin(server, run=first)
    server.send(TASK_BPFTRACE_STOP, kwargs={"run": first})
    end = wait_for_end(server, first)
    assert (end.state, end.results.maps[0].rows) == (RunState.CANCELLED, [("", 1)])
    assert [each.state for each in reports(server, BPFTRACE_STREAM, first)] == [RunState.STARTING, RunState.CANCELLED]


def test_what_a_program_said_waits_for_a_redis_that_is_away(allowing: Agent) -> None:
    server = Server(allowing.server)
    run = begin(server)
    wait_until_it_runs(server, run)
    allowing.server.stop()
    spool = allowing.directory / "agent" / "bpftrace"
    asked: set[int] = set()

    def ended() -> bool:
        """All are asked to, once: one may be that of a program before, or look what bpftrace can do here."""
        for pid in set(children(allowing)) - asked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            asked.add(pid)
        return bool(list(spool.glob("*.profile")))

    wait_for(ended, "the outcome in the spool")
    allowing.server.start()
    end = wait_for_end(server, run)
    assert (end.state, end.results.maps[0].rows) == (RunState.DONE, [("", 1)])


def test_bpftrace_ends_with_its_agent_and_the_next_one_says_so(allowing: Agent) -> None:
    server = Server(allowing.server)
    run = begin(server)
    wait_until_it_runs(server, run)
    (child,) = children(allowing)
    allowing.process.kill()
    allowing.process.wait()
    wait_for(lambda: not runs(child), "bpftrace to be gone")
    allowing.start()
    end = wait_for_end(server, run)
    assert (end.state, "the agent was killed" in end.message) == (RunState.FAILED, True)
