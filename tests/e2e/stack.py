"""A whole webprof of its own: Redis, database, web server, worker, a debuginfod; and a real agent when asked for."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.agent.servers import ROOT, Agent, RedisServer, wait_for
from tests.debuginfod_server import DebuginfodServer, running_debuginfod
from tests.listener import listening

ADMIN, PASSWORD = "ana", "correct horse battery staple"
REAL_HOST = "this-host"
# Sites that may show embeds; localhost is another one.
EMBEDS_IN = "http://127.0.0.1:*"
SESSION_FILE = "session"
# Characters of a log that a failed test shows.
LOG_SHOWN = 4000


class Stack:
    """`base_url` of the web server; `redis` is where an AgentDouble may play a host; `debuginfod` has no file yet."""

    def __init__(self, directory: Path, redis: RedisServer, debuginfod: DebuginfodServer) -> None:
        self.directory = directory
        self.redis = redis
        self.debuginfod = debuginfod
        # Listening before the server starts: no other process can take the port meanwhile.
        self.listener = listening()
        self.base_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def environment(self) -> dict[str, str]:
        ours = {"WEBPROF_REDIS_URL": self.redis.url, "WEBPROF_DEBUGINFOD_URLS": self.debuginfod.url}
        return _environment(self.directory) | ours | {"WEBPROF_EMBED_ORIGINS": EMBEDS_IN}

    @property
    def session_key(self) -> str:
        """Of a session of the admin."""
        return (self.directory / SESSION_FILE).read_text()

    def knows(self, host: str) -> bool:
        """Whether the server has taken in a heartbeat of it."""
        with closing(sqlite3.connect(f"file:{self.directory}/webprof.sqlite3?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT 1 FROM profiler_host WHERE id = ?", (host,)).fetchall())

    def is_free(self, host: str) -> bool:
        """Whether the server knows of no run there that goes on: the end of the last one may be on its way."""
        active = "SELECT 1 FROM profiler_run WHERE host_id = ? AND state NOT IN ('done', 'failed', 'cancelled')"
        with closing(sqlite3.connect(f"file:{self.directory}/webprof.sqlite3?mode=ro", uri=True)) as database:
            return not database.execute(active, (host,)).fetchall()

    def manage(self, *command: str) -> str:
        """The output of a management command."""
        run = [sys.executable, str(ROOT / "manage.py"), *command]
        return subprocess.run(run, env=self.environment, check=True, capture_output=True, text=True).stdout

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text()

    @contextmanager
    def process(self, name: str, *command: str, pass_fds: tuple[int, ...] = ()) -> Iterator[None]:
        """A Python module of the environment, its output in a file; ends with the block."""
        with (self.directory / f"{name}.log").open("wb") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
            )
            try:
                yield
            finally:
                running.terminate()
                running.wait(timeout=30)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/login/", timeout=5) as page:  # noqa: S310 our own server
                return bool(page.status == 200)
        except OSError:
            return False


def _environment(directory: Path) -> dict[str, str]:
    return os.environ | {"WEBPROF_DATA": str(directory), "DJANGO_SETTINGS_MODULE": "webprof.settings"}


def prepare(directory: Path) -> None:
    """The data that a stack begins with: a database with one admin, who is logged in, and the static files."""
    directory.mkdir()
    command = [sys.executable, "-m", "tests.e2e.prepare"]
    run = subprocess.run(command, cwd=ROOT, env=_environment(directory), check=True, stdout=subprocess.PIPE, text=True)
    (directory / SESSION_FILE).write_text(run.stdout.strip())


@contextmanager
def running_stack(prepared: Path) -> Iterator[Stack]:
    """Everything but an agent."""
    directory = Path(tempfile.mkdtemp(prefix="webprof-e2e-"))
    shutil.copytree(prepared, directory, dirs_exist_ok=True)
    redis = RedisServer(directory)
    with ExitStack() as parts:
        parts.callback(shutil.rmtree, directory, ignore_errors=True)
        redis.start()
        parts.callback(redis.stop)
        stack = Stack(directory, redis, parts.enter_context(running_debuginfod()))
        parts.callback(stack.listener.close)
        listener = stack.listener.fileno()
        web = ("uvicorn", "webprof.asgi:application", "--fd", str(listener), "--lifespan", "off")
        parts.enter_context(stack.process("web", *web, pass_fds=(listener,)))
        worker = ("celery", "-A", "webprof.celery", "worker", "-Q", "server", "-c", "1", "-B", "-l", "WARNING")
        schedule = ("-s", str(directory / "beat"), "--without-gossip", "--without-mingle")
        parts.enter_context(stack.process("worker", *worker, *schedule))
        wait_for(stack.answers, "the web server")
        yield stack


@contextmanager
def running_agent(stack: Stack, *options: str) -> Iterator[Agent]:
    """A real agent of this machine."""
    agent = Agent(stack.redis, stack.directory, REAL_HOST, options)
    try:
        agent.start()
        yield agent
    except BaseException as error:
        error.add_note(f"the agent's log ends:\n{agent.log[-LOG_SHOWN:]}\nits last heartbeat: {agent.heartbeat()}")
        raise
    finally:
        agent.kill_if_running()
