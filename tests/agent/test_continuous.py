"""Continuous profiling of a real agent: told by a task, through recordings, a Redis that is away, and a kill."""

import signal
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from profiler.core import batch
from profiler.core.channel import CONTINUOUS_STREAM, TASK_CONTINUOUS, RunState
from profiler.core.inventory import Continuous
from profiler.core.profile import Profile
from tests.agent.servers import PATIENCE_S, Agent, RedisServer, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]
SETTINGS = {"on": True, "frequency": 29, "length_s": 10, "labels": {"env": "test"}}


@pytest.fixture
def agent(own_redis: RedisServer, directory: Path) -> Iterator[Agent]:
    """Without limits: on a busy machine they would say when it samples."""
    made = Agent(own_redis, directory, options=("--cpu-limit", "0", "--memory-limit", "0"))
    made.start()
    yield made
    made.kill_if_running()
    print(made.log)  # noqa: T201 pytest shows it when the test failed


def state(agent: Agent) -> Continuous:
    beat = agent.heartbeat()
    return beat.agent.continuous if beat else Continuous()


def profiles(server: Server) -> list[Profile]:
    found = [batch.decode(entry[b"data"]) for entry in server._entries(CONTINUOUS_STREAM)]
    return sorted(found, key=lambda profile: profile.meta.start_ns)


def end_ns(profile: Profile) -> int:
    return profile.meta.start_ns + profile.meta.duration_ns


def test_it_goes_on_through_a_redis_that_is_away_a_recording_and_a_kill(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    server.send(TASK_CONTINUOUS, kwargs=SETTINGS)
    first = wait_for(lambda: profiles(server), "a profile")[0]
    assert first.meta.labels == {"env": "test", "source": "continuous"}
    assert busy.pid in first.processes
    assert first.processes[busy.pid].comm == "python" or first.processes[busy.pid].comm.startswith("python3")
    server.redis.stop()
    spool = agent.directory / "agent" / "continuous"
    wait_for(lambda: len(list(spool.glob("*.profile"))) >= 2, "two profiles in the spool")
    server.redis.start()  # empty
    wait_for(lambda: not list(spool.glob("*.profile")), "an empty spool")
    came = profiles(server)
    assert len(came) >= 2
    assert all(end_ns(one) == after.meta.start_ns for one, after in pairwise(came)), "nothing is missing in between"
    run = server.record(duration_s=2, pids=[busy.pid])
    assert server.wait_for_end(run).state is RunState.DONE
    assert server.profiles(run)[0].total > 0
    wait_for(lambda: state(agent).sampling and state(agent).missed_s > 1.5, "it to go on, and say what it missed")
    agent.process.send_signal(signal.SIGKILL)
    agent.process.wait()
    before = len(profiles(server))
    agent.start()
    # The heartbeat of the killed agent still stands: this waits for the start of the next one, too.
    wait_for(lambda: len(profiles(server)) > before, "a profile of the next agent, which nobody told", 3 * PATIENCE_S)
    assert state(agent).asked.model_dump(exclude={"probe", "variables"}) == SETTINGS
    server.send(TASK_CONTINUOUS, kwargs={"on": False})
    wait_for(lambda: not state(agent).on and not state(agent).sampling, "it to stop")
    assert not agent.bpf_programs()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"on": True, "frequency": 100}, "frequency=100"),
        ({"on": True, "length_s": 1}, "length_s=1"),
        ({"on": True, "labels": {"service": "x"}}, "webprof itself says"),
        ({"on": True, "variables": ["A=B"]}, "variables"),
        ({"on": True, "shell": "rm"}, "shell is not a field this agent knows"),
    ],
)
def test_what_it_must_not_be_told_is_refused_in_the_log(
    shared_agent: Agent, shared_server: Server, wrong: dict[str, object], says: str
) -> None:
    shared_server.send(TASK_CONTINUOUS, kwargs=wrong)
    wait_for(lambda: says in shared_agent.log, "the refusal in the log")
    assert not state(shared_agent).on
