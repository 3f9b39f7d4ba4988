"""A throw-away Redis server on a Unix socket."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

START_TIMEOUT_S = 10


@contextmanager
def running_redis(directory: Path, url: str) -> Iterator["Redis"]:
    """A client of a fresh server that keeps nothing; the server ends with the block. `url` is `unix://<socket>`."""
    socket = url.removeprefix("unix://")
    command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
    directory.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen([*command, "--dir", str(directory)], stdout=subprocess.DEVNULL) as server:
        client = Redis.from_url(url)
        try:
            _wait_until_ready(client, server)
            yield client
        finally:
            client.close()
            server.terminate()


def _wait_until_ready(client: "Redis", server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            client.ping()
        except RedisError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
