"""A webprof of its own with the bench's profiles in it, as installed: gathered static files, one uvicorn."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.listener import listening

ROOT = Path(__file__).resolve().parents[2]
# On a busy machine the imports alone take half a minute.
START_S = 120.0


@dataclass(frozen=True)
class App:
    """`session` is the cookie of somebody who may see everything; `profiles` has the id of each size's."""

    base_url: str
    session: str
    profiles: dict[str, str]

    @property
    def start(self) -> str:
        """Without a module or a sheet that the profile's page has too."""
        return f"{self.base_url}/api/v1/find?q=start"

    def page(self, size: str) -> str:
        return f"{self.base_url}/profiles/{self.profiles[size]}/"


@contextmanager
def running_app(batches: dict[str, Path]) -> Iterator[App]:
    """`batches`: for each size a file with its profile."""
    directory = Path(tempfile.mkdtemp(prefix="webprof-viewer-"))
    with listening() as listener:
        port = listener.getsockname()[1]
        environment = os.environ | {
            "WEBPROF_DATA": str(directory),
            "DJANGO_SETTINGS_MODULE": "webprof.settings",
            # Nobody listens there: opening a profile needs no Redis, and must not.
            "WEBPROF_REDIS_URL": "redis://127.0.0.1:1/0",
        }
        try:
            for command in (["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"]):
                subprocess.run([sys.executable, ROOT / "manage.py", *command], env=environment, check=True)
            files = [f"{size}={path}" for size, path in batches.items()]
            seed = subprocess.run(
                [sys.executable, "-m", "bench.viewer.seed", *files],
                env=environment, cwd=ROOT, check=True, capture_output=True, text=True,
            )  # fmt: skip
            session, *ids = seed.stdout.split()
            command = [sys.executable, "-m", "uvicorn", "webprof.asgi:application", f"--fd={listener.fileno()}"]
            server = subprocess.Popen(
                [*command, "--log-level=warning"], env=environment, cwd=ROOT, pass_fds=(listener.fileno(),)
            )
            try:
                app = App(f"http://127.0.0.1:{port}", session, dict(zip(batches, ids, strict=True)))
                _wait_for(f"{app.base_url}/login/")
                for size in batches:
                    _ask_once(app, app.page(size))
                yield app
            finally:
                server.terminate()
                server.wait(timeout=30)
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def _ask_once(app: App, url: str) -> None:
    """The first answer in a server's life also reads its templates: nobody's wait, or one person's."""
    request = urllib.request.Request(url, headers={"Cookie": f"sessionid={app.session}"})  # noqa: S310 our own server
    with urllib.request.urlopen(request, timeout=START_S):  # noqa: S310 our own server
        return


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {START_S:g} s")
