"""A recording's whole way, with a real agent, Redis and kernel: task → live stream → profile and report."""

import subprocess
import sys
import time
import uuid

import pytest

from profiler.core.channel import (
    LIVE_TTL_S,
    SERVER_QUEUE,
    TASK_FLIGHT,
    WATCHED_TTL_S,
    EntryKind,
    RunState,
    live_key,
    watched_key,
)
from tests.agent.servers import PATIENCE_S, Agent, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]


@pytest.fixture
def agent(shared_agent: Agent) -> Agent:
    return shared_agent


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


def test_a_task_becomes_deltas_then_one_profile_of_the_same_samples(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=3, frequency=99, pids=[busy.pid])
    end = server.wait_for_end(run)
    assert server.states(run) == [RunState.STARTING, RunState.RECORDING, RunState.SENDING, RunState.DONE]
    (profile,) = server.profiles(run)
    kinds = [kind for kind, _ in server.live_profiles(run)]
    assert kinds.count(EntryKind.DELTA) == len(kinds) >= 2
    assert server.live_samples(run) == profile.total == end.samples == profile.quality.samples
    assert profile.total > 10
    assert {thread.pid for thread in profile.threads} == {busy.pid}
    assert profile.meta.host == agent.host
    assert profile.meta.labels == {"target": f"pid {busy.pid}"}
    assert profile.meta.duration_ns == pytest.approx(3e9, abs=0.25e9)
    assert abs(profile.meta.start_ns - time.time_ns()) < 60e9
    assert 0 < own_ttl(server, run) <= LIVE_TTL_S


def own_ttl(server: Server, run: str) -> int:
    return int(server.redis.client.ttl(live_key(run)))


def test_whoever_watches_sees_progress_each_second(agent: Agent, server: Server) -> None:
    run = str(uuid.uuid4())
    server.redis.client.set(watched_key(run), b"", ex=WATCHED_TTL_S)
    server.record(run, duration_s=60)
    wait_for(lambda: len(server.live_profiles(run)) >= 4, "a fourth second")  # unwatched there is one in ten
    server.cancel(run)
    server.wait_for_end(run)
    assert len(server.reports(run)) == 4
    assert agent.alive()


def test_while_nobody_watches_the_stream_gets_what_is_left_behind_by_a_lost_host(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    # One process costs little: a whole host that is met for the first time overdraws the budget, and each change of the
    # rate is an entry.
    run = server.record(duration_s=8, pids=[busy.pid])
    server.wait_for_end(run)
    deltas = [profile.quality.samples for _, profile in server.live_profiles(run)]
    assert (
        len(deltas) <= 3
    )  # after the first second, and the end; one more where the budget lowers the rate all the same
    assert sum(deltas) == server.profiles(run)[0].quality.samples
    assert agent.alive()


def test_the_server_is_nudged_with_a_task_that_expires(agent: Agent, server: Server) -> None:
    server.redis.client.delete(SERVER_QUEUE)
    server.wait_for_end(server.record(duration_s=0.5))
    assert wait_for(lambda: server.redis.client.llen(SERVER_QUEUE), "a nudge")
    message = server.redis.client.lindex(SERVER_QUEUE, 0)
    assert b"webprof.ingest" in message  # type: ignore[operator]
    assert b'"expires": null' not in message  # type: ignore[operator]
    assert agent.alive()


def test_cancel_ends_it_early_and_sends_what_was_gathered(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=60, pids=[busy.pid])
    server.wait_for_samples(run)
    server.cancel(run)
    end = server.wait_for_end(run)
    assert end.state is RunState.CANCELLED
    assert end.elapsed_s < 30
    (profile,) = server.profiles(run)
    assert profile.total == end.samples == server.live_samples(run) > 0
    assert wait_for(lambda: not agent.bpf_programs(), "the program to be unloaded")


def test_cancelled_before_it_came_it_never_starts(agent: Agent, server: Server) -> None:
    run = str(uuid.uuid4())
    server.cancel(run)
    assert server.wait_for_end(run).state is RunState.CANCELLED
    server.record(run, duration_s=0.5)
    other = server.record(duration_s=0.5)
    assert server.wait_for_end(other).state is RunState.DONE
    assert server.states(run) == [RunState.CANCELLED]
    assert agent.alive()


def test_the_same_run_twice_is_recorded_once(agent: Agent, server: Server) -> None:
    run = server.record(duration_s=1)
    server.record(run, duration_s=1)
    server.wait_for_end(run)
    server.record(run, duration_s=1)
    server.wait_for_end(server.record(duration_s=0.5))
    assert len(server.profiles(run)) == 1
    assert server.states(run).count(RunState.STARTING) == 1
    assert agent.alive()


def test_a_second_run_is_refused_by_naming_the_first(agent: Agent, server: Server) -> None:
    first = server.record(duration_s=30)
    server.wait_for_state(first, RunState.RECORDING)
    second = server.record(duration_s=1)
    refused = server.wait_for_end(second)
    assert refused.state is RunState.FAILED
    assert first in refused.message
    assert agent.host in refused.message
    server.cancel(first)
    assert server.wait_for_end(first).state is RunState.CANCELLED


def test_two_freezes_at_once_are_two_runs_or_a_refusal_by_name(agent: Agent, server: Server) -> None:
    server.send(TASK_FLIGHT, kwargs={"on": True, "minutes": 1, "frequency": 49})
    try:
        wait_for(lambda: server.wait_for_end(server.record(freeze_s=60)).state is RunState.DONE, "something to freeze")
        runs = [server.record(freeze_s=60) for _ in range(2)]
        ends = [server.wait_for_end(run) for run in runs]
        done = [end for end in ends if end.state is RunState.DONE]
        refused = [end for end in ends if end.state is RunState.FAILED]
        assert len(done) >= 1
        assert all(len(server.profiles(end.run)) == 1 and end.samples > 0 for end in done)
        assert all(done[0].run in end.message and not server.profiles(end.run) for end in refused)
        assert len(done) + len(refused) == len(runs)
    finally:
        server.send(TASK_FLIGHT, kwargs={"on": False, "minutes": 1, "frequency": 49})
    wait_for(lambda: (beat := agent.alive()) and not beat.agent.flight.on, "the flight recorder to be off")


def test_a_process_that_exits_ends_the_recording_with_a_note(agent: Agent, server: Server) -> None:
    code = "import time; end = time.time() + 6\nwhile time.time() < end: pass"
    with subprocess.Popen([sys.executable, "-c", code]) as target:
        run = server.record(duration_s=60, pids=[target.pid])
        server.wait_for_state(run, RunState.RECORDING)
        target.kill()
    end = server.wait_for_end(run)
    assert end.state is RunState.DONE
    assert f"pid {target.pid} exited after" in end.message
    assert end.elapsed_s < 30
    assert len(server.profiles(run)) == 1
    assert agent.alive()


def test_a_process_that_is_not_there_fails_the_run_by_name(agent: Agent, server: Server) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    end = server.wait_for_end(server.record(duration_s=1, pids=[gone.pid]))
    assert end.state is RunState.FAILED
    assert f"pid {gone.pid}" in end.message
    assert server.profiles(end.run) == []
    assert agent.alive()


def test_while_one_target_lives_the_recording_goes_on(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as target:
        run = server.record(duration_s=4, pids=[target.pid, busy.pid])
        server.wait_for_state(run, RunState.RECORDING)
        target.kill()
    end = server.wait_for_end(run)
    assert end.state is RunState.DONE
    assert end.elapsed_s == pytest.approx(4, abs=0.5)
    assert f"pid {target.pid} exited after" in end.message
    assert agent.alive()


def test_an_agent_needs_its_data_directory_for_itself(agent: Agent) -> None:
    second = Agent(agent.server, agent.directory)
    second.log_path = agent.directory / "second.log"
    second.spawn()
    assert second.process.wait(PATIENCE_S) == 1
    assert f"already running with data directory {agent.directory}" in second.log
