"""A Redis, a server's end of it, and an agent, for tests that need them whole."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.servers import Agent, RedisServer, Server


@pytest.fixture
def directory() -> Iterator[Path]:
    """Short enough for a Unix socket's path, which tmp_path may not be."""
    path = Path(tempfile.mkdtemp(prefix="webprof-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def own_redis(directory: Path) -> Iterator[RedisServer]:
    server = RedisServer(directory)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(own_redis: RedisServer) -> Server:
    return Server(own_redis)


@pytest.fixture
def agent(own_redis: RedisServer, directory: Path) -> Iterator[Agent]:
    """A running agent."""
    made = Agent(own_redis, directory)
    try:
        made.start()
        yield made
    finally:
        made.kill_if_running()
        print(made.log)  # noqa: T201 pytest shows it when the test failed


@pytest.fixture(scope="module")
def shared_agent() -> Iterator[Agent]:
    """A running agent that many tests use one after the other."""
    path = Path(tempfile.mkdtemp(prefix="webprof-"))
    server = RedisServer(path)
    server.start()
    made = Agent(server, path)
    made.start()
    yield made
    made.kill_if_running()
    server.stop()
    shutil.rmtree(path)


@pytest.fixture
def shared_server(shared_agent: Agent) -> Server:
    return Server(shared_agent.server)


@pytest.fixture
def spinning() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that uses one CPU."""
    with subprocess.Popen([sys.executable, "-c", "while True: sum(range(1000))"]) as process:
        yield process
        process.kill()


@pytest.fixture
def busy() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that uses a third of a CPU: agents take seconds, and other tests run meanwhile."""
    code = "import time\nwhile True: sum(range(200_000)), time.sleep(0.006)"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        yield process
        process.kill()
