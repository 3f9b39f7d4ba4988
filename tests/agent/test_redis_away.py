"""Redis goes away, comes back empty, or is full: nothing recorded is lost, and everything goes on by itself."""

import subprocess
from pathlib import Path

import pytest
import redis

from profiler.core.channel import WATCHED_TTL_S, EntryKind, RunState, watched_key
from tests.agent.servers import Agent, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]


def spooled(agent: Agent) -> list[Path]:
    return list((agent.directory / "agent" / "spool").glob("*.profile"))


def test_a_redis_that_comes_back_empty_mid_run_gets_a_snapshot_of_all(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=12, pids=[busy.pid])
    before = server.wait_for_samples(run)
    server.redis.stop()
    server.redis.start()
    # Unwatched it would not write before its end, and that entry finds the stream gone.
    server.redis.client.set(watched_key(run), b"", ex=WATCHED_TTL_S)
    end = server.wait_for_end(run)
    assert end.state is RunState.DONE
    (profile,) = server.profiles(run)
    assert server.live_profiles(run)[0][0] is EntryKind.SNAPSHOT
    assert server.live_samples(run) == profile.total == end.samples > before
    assert wait_for(agent.heartbeat, "a heartbeat")


def test_a_run_that_ends_while_redis_is_away_is_delivered_later(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=10, pids=[busy.pid])
    before = server.wait_for_samples(run)
    server.redis.stop()
    wait_for(lambda: spooled(agent), "the spooled profile")
    server.redis.start()
    assert server.wait_for_end(run).state is RunState.DONE
    (profile,) = server.profiles(run)
    assert profile.total > before
    assert wait_for(lambda: not spooled(agent), "an empty spool")
    heartbeat = wait_for(agent.heartbeat, "a heartbeat")
    assert heartbeat.agent.dropped == 0
    assert server.wait_for_end(server.record(duration_s=0.5)).state is RunState.DONE


def test_what_a_stopped_agent_could_not_send_the_next_one_sends(
    agent: Agent, server: Server, busy: "subprocess.Popen[bytes]"
) -> None:
    run = server.record(duration_s=60, pids=[busy.pid])
    server.wait_for_samples(run)
    server.redis.stop()
    assert agent.end() == 0
    assert len(spooled(agent)) == 1
    server.redis.start()
    agent.start()
    end = server.wait_for_end(run)
    assert end.state is RunState.FAILED
    assert "stopped" in end.message
    assert server.profiles(run)[0].total == end.samples > 0


def test_a_full_redis_is_like_one_that_is_away(agent: Agent, server: Server, busy: "subprocess.Popen[bytes]") -> None:
    run = server.record(duration_s=10, pids=[busy.pid])
    server.wait_for_samples(run)
    server.redis.client.config_set("maxmemory", "1")
    wait_for(lambda: spooled(agent), "the spooled profile")
    wait_for(lambda: "maxmemory" in agent.log, "the refusal in the log")
    assert server.profiles(run) == []
    assert not server.states(run) or server.states(run)[-1] is RunState.RECORDING
    server.redis.client.config_set("maxmemory", "0")
    assert server.wait_for_end(run).state is RunState.DONE
    assert len(server.profiles(run)) == 1


def test_an_agent_started_without_redis_waits_for_it(directory: Path, server: Server) -> None:
    server.redis.stop()
    agent = Agent(server.redis, directory)
    try:
        agent.spawn()
        wait_for(lambda: agent.log_path.exists() and "heartbeat not sent" in agent.log, "the failure in the log")
        server.redis.start()
        assert wait_for(agent.alive, "a heartbeat")
        assert server.wait_for_end(server.record(duration_s=0.5)).state is RunState.DONE
    finally:
        agent.kill_if_running()


def test_an_agent_without_redis_ends_on_sigterm(directory: Path, server: Server) -> None:
    server.redis.stop()
    agent = Agent(server.redis, directory)
    try:
        agent.spawn()
        wait_for(lambda: agent.log_path.exists() and "heartbeat not sent" in agent.log, "the failure in the log")
        assert agent.end() == 0
    finally:
        agent.kill_if_running()
    with pytest.raises(redis.RedisError):
        server.redis.client.ping()
