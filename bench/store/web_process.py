"""Memory of a web process that merges everything a store holds, asked over HTTP as a browser does.

Usage: WEBPROF_DATA=DIRECTORY python -m bench.store.web_process
Starts a server as `webprof up` does, logs in as a user of its own, and asks for all services of the day of the bench's
fleet, apart by host and together, two times each. Prints wall seconds, and the server's largest resident memory so far.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.conf import settings  # noqa: E402

from bench.store.measure import api_client, asked, times_of  # noqa: E402

START_S = 60.0


def main() -> None:
    cookie = api_client().cookies[settings.SESSION_COOKIE_NAME].value
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = [sys.executable, "-m", "uvicorn", "webprof.asgi:application", "--fd", str(listener.fileno())]
        quiet = ["--lifespan", "off", "--log-level", "error"]
        server = subprocess.Popen([*web, *quiet], pass_fds=[listener.fileno()])
        try:
            url = f"http://localhost:{listener.getsockname()[1]}"
            wait_for(url)
            print(f"{'started':42} largest memory {largest_memory(server.pid)}")
            for by in ("host", "", "host", ""):
                ask(url, cookie, by, server.pid)
        finally:
            server.kill()
            server.wait()


def wait_for(url: str) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(f"{url}/login/", timeout=START_S).close()
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def ask(url: str, cookie: str, by: str, pid: int) -> None:
    query = urlencode({**times_of(asked("", 0, 24)), "by": by})
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
    begin = time.monotonic()
    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/api/v1/explore/tree?{query}", headers=headers)
    ) as answer:
        size = len(answer.read())
    name = f"all services{', by host' if by else ''}: {size / 1e6:.1f} MB"
    print(f"{name:28} {time.monotonic() - begin:6.2f} s wall, largest memory {largest_memory(pid)}")


def largest_memory(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
