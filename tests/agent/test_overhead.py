"""A real agent with a limit that nobody can keep: it says so, slows down, and what it has is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from profiler.core.channel import RunState
from tests.agent.servers import Agent, RedisServer, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]


@pytest.fixture
def limited(own_redis: RedisServer, directory: Path, request: pytest.FixtureRequest) -> Iterator[Agent]:
    agent = Agent(own_redis, directory, options=request.param)
    agent.start()
    yield agent
    agent.kill_if_running()
    print(agent.log)  # noqa: T201 pytest shows it when the test failed


@pytest.mark.parametrize("limited", [("--memory-limit", "1")], indirect=True)
def test_too_much_memory_ends_the_recording_and_keeps_what_it_has(limited: Agent, server: Server) -> None:
    run = server.record(duration_s=60)
    report = server.wait_for_end(run)
    assert report.state is RunState.DONE
    assert "MiB of memory, its limit is 1 MiB" in report.message
    assert report.message.startswith("ended after ")
    assert report.elapsed_s < 45
    (profile,) = server.profiles(run)
    assert profile.quality.samples > 0
    assert profile.quality.agent_rss_bytes > 1 << 20


@pytest.mark.parametrize("limited", [("--cpu-limit", "0.001")], indirect=True)
@pytest.mark.usefixtures("busy")
def test_too_much_cpu_lowers_the_rate_and_says_so_while_it_records(limited: Agent, server: Server) -> None:
    run = server.record(duration_s=120, frequency=999)
    note = wait_for(lambda: told(limited, server, run), "the rate to be lowered", timeout_s=100)
    assert "of a CPU, its limit is 0.0%" in note
    server.cancel(run)
    server.wait_for_end(run)
    (profile,) = server.profiles(run)
    assert profile.quality.thinned > 0
    assert profile.total == profile.quality.samples + profile.quality.thinned or profile.quality.lost


def told(agent: Agent, server: Server, run: str) -> str:
    """The note on the live stream, once the heartbeat has it as well."""
    notes = [report.message for report in server.live_reports(run) if "rate lowered to" in report.message]
    heartbeat = agent.alive()
    in_heartbeat = heartbeat is not None and heartbeat.agent.budget is not None and heartbeat.agent.budget.factor > 1
    return notes[-1] if notes and in_heartbeat else ""
