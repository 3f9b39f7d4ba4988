"""A real Celery worker of the server, as `webprof up` starts it, on the test's database and Redis."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

CHECKOUT = Path(__file__).resolve().parent.parent
# On a machine that does much else it may wait long for its turn.
TIMEOUT_S = 90


@contextmanager
def running_worker() -> Iterator[None]:
    """The worker's pool takes tasks within the block; its log is shown when it does not come up."""
    log = Path(settings.DATA_DIR) / "worker.log"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "webprof.settings", "DATABASE_URL": database_url()}
    command = [sys.executable, "-m", "celery", "-A", "webprof.celery", "worker", "--queues", "server"]
    with log.open("w") as output:
        worker = subprocess.Popen(
            [*command, "--concurrency", "1", "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(log, "ready.", worker)
        yield
    finally:
        worker.terminate()
        worker.wait(TIMEOUT_S)


def database_url() -> str:
    """The test database, for another process."""
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{own['NAME']}"
    host = quote(str(own["HOST"]), safe="")
    return f"postgres://{own['USER']}:{own['PASSWORD']}@{host}:{own['PORT'] or ''}/{own['NAME']}"


def _wait_for(log: Path, text: str, worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while text not in log.read_text():
        if worker.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the worker did not start:\n{log.read_text()}")
        time.sleep(0.05)
