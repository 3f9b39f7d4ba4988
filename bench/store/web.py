"""A web server of its own over a store that `build` filled, and somebody who may ask it."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from bench.store.measure import api_client
from tests.listener import listening

# On a busy machine the imports alone take half a minute.
START_S = 120.0


@dataclass(frozen=True)
class Web:
    """`session` is the value of the cookie of a user who may see everything."""

    port: int
    pid: int
    session: str

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def running_web() -> Iterator[Web]:
    """As `webprof up` starts it, on a free port; it answers when the block begins."""
    session = api_client().cookies[settings.SESSION_COOKIE_NAME].value
    with listening() as listener:
        port = listener.getsockname()[1]
        web = [sys.executable, "-m", "uvicorn", "webprof.asgi:application", "--fd", str(listener.fileno())]
        quiet = ["--lifespan", "off", "--log-level", "error"]
        # Nobody listens there: what is asked needs no Redis.
        environment = os.environ | {"WEBPROF_REDIS_URL": "redis://127.0.0.1:1/0"}
        server = subprocess.Popen([*web, *quiet], pass_fds=[listener.fileno()], env=environment)
        try:
            _wait_for(f"http://127.0.0.1:{port}/login/")
            yield Web(port, server.pid, session)
        finally:
            server.kill()
            server.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=START_S):  # noqa: S310 our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {START_S:g} s")
