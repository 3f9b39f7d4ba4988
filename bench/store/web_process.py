"""Memory of a web process that merges everything a store holds, asked over HTTP as a browser does.

Usage: WEBPROF_DATA=DIRECTORY python -m bench.store.web_process
Starts a server as `webprof up` does, logs in as a user of its own, and asks for all services of the day of the bench's
fleet, apart by host and together, two times each. Prints wall seconds, and the server's largest resident memory so far.
"""

import os
import sys
import time
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.conf import settings  # noqa: E402

from bench.store.measure import asked, times_of  # noqa: E402
from bench.store.web import Web, running_web  # noqa: E402

LONGEST_S = 120.0


def main() -> None:
    with running_web() as web:
        print(f"{'started':42} largest memory {largest_memory(web.pid)}")
        for by in ("host", "", "host", ""):
            ask(web, by)
            print(f"largest memory {largest_memory(web.pid)}")


def get(web: Web, path: str) -> bytes:
    connection = HTTPConnection("localhost", web.port, timeout=LONGEST_S)
    connection.request("GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={web.session}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != HTTPStatus.OK:
        sys.exit(f"{path}: {answer.status}")
    return body


def ask(web: Web, by: str) -> None:
    query = urlencode({**times_of(asked("", 0, 24)), "by": by})
    begin = time.monotonic()
    size = len(get(web, f"/api/v1/explore/tree?{query}"))
    name = f"all services{', by host' if by else ''}: {size / 1e6:.1f} MB"
    print(f"{name:30} {time.monotonic() - begin:6.2f} s wall, ", end="")


def largest_memory(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
