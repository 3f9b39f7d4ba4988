"""An agent that is stopped or killed while it records: nothing of it stays in the kernel, and its run is told of."""

import signal
import subprocess

import pytest

from profiler.core.channel import RunState
from tests.agent.kernel.loaded_programs import program_exists
from tests.agent.servers import Agent, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]


def test_sigterm_mid_run_sends_what_was_gathered_and_leaves_nothing(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=60, pids=[busy.pid])
    server.wait_for_samples(run)
    programs = agent.bpf_programs()
    assert programs
    assert agent.end(signal.SIGTERM) == 0
    end = server.wait_for_end(run)
    assert end.state is RunState.FAILED
    assert "the agent was stopped after" in end.message
    (profile,) = server.profiles(run)
    assert profile.total == server.live_samples(run) > 0
    assert agent.heartbeat() is None
    assert wait_for(lambda: not any(map(program_exists, programs)), "the programs to be unloaded", 5)


def test_kill_mid_run_leaves_no_program_and_the_next_agent_reports_it(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=60, pids=[busy.pid])
    server.wait_for_samples(run)
    programs = agent.bpf_programs()
    assert programs
    assert all(map(program_exists, programs))
    agent.end(signal.SIGKILL)
    assert wait_for(lambda: not any(map(program_exists, programs)), "the programs to be unloaded", 5)
    agent.start()
    end = server.wait_for_end(run)
    assert end.state is RunState.FAILED
    assert "killed" in end.message
    server.record(run, duration_s=0.5)
    server.wait_for_end(server.record(duration_s=0.5))
    assert server.states(run).count(RunState.STARTING) == 1
