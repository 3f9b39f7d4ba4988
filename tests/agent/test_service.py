"""The agent as a process: what it loads, says of itself, and does with wrong settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiler.core.channel import HEARTBEAT_TTL_S, HOSTS_STREAM, HOSTS_STREAM_CAP, heartbeat_key
from profiler.core.inventory import AgentState
from tests.agent.servers import PATIENCE_S, ROOT, Agent, RedisServer, Server, wait_for
from webprof.cli import main

MAIN = "from webprof.cli import main; main()"


def webprof_agent(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", MAIN, "agent", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE_S,
    )


def test_the_agent_works_where_nothing_of_the_server_is_installed() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('django', 'channels', 'ninja', 'django_celery_beat')))\n"
        "from profiler.agent import service\nfrom profiler.agent.checks import doctor, host_check\n"
        "app = service.create_app('h', 'redis://127.0.0.1:1/0'); app.finalize(); service.create_worker(app, 'h')\n"
        "print('works')"
    )
    # Celery would import Django when this variable is set, as it is wherever the server's settings are.
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "webprof.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout == "works\n", done.stderr


@pytest.mark.parametrize("host", ["../etc", "", "Web-1", "-a", "a" * 65, "a b"])
def test_a_wrong_host_id_is_refused_with_what_is_allowed(host: str) -> None:
    done = CliRunner().invoke(main, ["agent", "--host-id", host])
    assert done.exit_code == 2
    assert repr(host) in done.stderr
    assert "a-z" in done.stderr


@pytest.mark.parametrize("url", ["http://redis:6379", "redis.sock", "redis://host:port/0"])
def test_a_wrong_redis_url_is_refused_by_name(url: str) -> None:
    done = CliRunner().invoke(main, ["agent"], env={"WEBPROF_REDIS_URL": url})
    assert done.exit_code == 2
    assert url in done.stderr


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = webprof_agent(WEBPROF_DATA=str(tmp_path / "file"), WEBPROF_REDIS_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 1
    assert f"data directory {tmp_path / 'file'}/agent can't be written" in done.stderr


@pytest.mark.bpf
@pytest.mark.redis
def test_heartbeats_say_what_the_agent_does(agent: Agent, server: Server, own_redis: RedisServer) -> None:
    idle = agent.heartbeat()
    assert idle is not None
    assert (idle.host, idle.agent.state, idle.agent.run) == (agent.host, AgentState.IDLE, None)
    assert idle.agent.pid == agent.process.pid
    assert {item.name: item.available for item in idle.capabilities}["cpu"]
    assert idle.agent.pid in {process.pid for process in idle.processes}
    assert 0 < own_redis.client.ttl(heartbeat_key(agent.host)) <= HEARTBEAT_TTL_S
    run = server.record(duration_s=30)

    def recording() -> bool:
        heartbeat = agent.heartbeat()
        return heartbeat is not None and (heartbeat.agent.state, heartbeat.agent.run) == (AgentState.RECORDING, run)

    assert wait_for(recording, "a heartbeat that names the run")
    assert 2 <= own_redis.client.xlen(HOSTS_STREAM) <= HOSTS_STREAM_CAP


@pytest.mark.bpf
@pytest.mark.redis
def test_an_agent_with_its_own_key_for_unacknowledged_messages_leaves_the_servers_alone(
    agent: Agent, server: Server, own_redis: RedisServer
) -> None:
    own_redis.client.hset("unacked", "tag", "a server's task")
    own_redis.client.zadd("unacked_index", {"tag": 1})
    server.wait_for_end(server.record(duration_s=0.5))
    assert own_redis.client.hlen("unacked") == 1
    assert own_redis.client.zcard("unacked_index") == 1
    assert wait_for(lambda: not own_redis.client.exists(f"webprof:unacked:{agent.host}"), "the acknowledgement")
