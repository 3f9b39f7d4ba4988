"""The supervisor's configuration, and what is said when a program fails. Real supervisord, real Redis."""

import configparser
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock
from xmlrpc.client import Fault

import psutil
import pytest
from redis import Redis
from redis.exceptions import RedisError
from supervisor.xmlrpc import Faults

from webprof.up.config import UpConfig
from webprof.up.datadir import DataDir
from webprof.up.errors import UpError
from webprof.up.identity import Identity
from webprof.up.programs import Program, programs, supervisor_configuration
from webprof.up.redis_server import redis_configuration
from webprof.up.supervision import Supervisor
from webprof.up.watch import Watch

ROOT = Identity("root", 0, 0, (0,))
SERVICE = Identity("nobody", 65534, 65534, (65534,))
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: supervisord starts programs as other users")
DEADLINE_S = 30


def config(directory: Path, redis_url: str | None = None) -> UpConfig:
    return UpConfig(directory, directory, "127.0.0.1", 8000, redis_url, "box")


def parsed(directory: Path, redis_url: str | None = None) -> configparser.RawConfigParser:
    data, settings = DataDir(directory), config(directory, redis_url)
    parser = configparser.RawConfigParser(strict=True)
    parser.read_string(supervisor_configuration(settings, data, programs(settings, data, SERVICE)))
    return parser


def test_only_the_agent_is_root(tmp_path: Path) -> None:
    parser = parsed(tmp_path)
    users = {name: parser[name]["user"] for name in parser.sections() if name.startswith("program:")}
    expected = dict.fromkeys(("redis", "web", "worker", "beat"), "nobody") | {"agent": "root"}
    assert users == {f"program:{name}": user for name, user in expected.items()}


def test_an_existing_redis_is_used_instead_of_our_own(tmp_path: Path) -> None:
    assert "program:redis" not in parsed(tmp_path, "redis://elsewhere:6379/0").sections()


def test_the_agent_gets_none_of_the_servers_secrets(tmp_path: Path) -> None:
    command = parsed(tmp_path)["program:agent"]["command"]
    assert "-u WEBPROF_SECRET_KEY" in command
    assert "-u DATABASE_URL" in command


def test_nothing_is_left_in_a_group_that_did_not_stop(tmp_path: Path) -> None:
    parser = parsed(tmp_path)
    groups = {parser[name]["killasgroup"] for name in parser.sections() if name.startswith("program:")}
    assert groups == {"true"}


# ── supervisord itself ──────────────────────────────────────────────────────────────────────────────────────────────
class Running:
    """A supervisord with given programs, and what the watch said."""

    def __init__(self, directory: Path, members: list[Program]) -> None:
        self.data = DataDir(directory)
        self.data.prepare(ROOT)
        text = supervisor_configuration(config(directory), self.data, members)
        self.data.supervisor_config.write_text(text)
        self.said: list[str] = []
        self.supervisor = Supervisor(self.data)
        self.watch = Watch(self.supervisor, self.data, self.said.append)
        self.supervisor.start(dict(os.environ))

    def begin(self, members: list[Program]) -> None:
        self.watch.until_supervised(DEADLINE_S)
        for program in members:
            self.supervisor.start_program(program.name)

    def pid(self, name: str) -> int:
        return next(state.pid for state in self.supervisor.states() if state.name == name)


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Running] = []

    def begin(*members: Program, name: str = "d") -> Running:
        begun.append(Running(tmp_path / name, list(members)))
        begun[-1].begin(list(members))
        return begun[-1]

    (tmp_path / "d").mkdir()
    (tmp_path / "a b").mkdir()
    yield begin
    for running in begun:
        assert running.supervisor.shutdown(DEADLINE_S)


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@needs_root
def test_a_program_that_cannot_start_ends_the_start_with_its_last_words(start: Start) -> None:
    running = start(Program("web", ("sh", "-c", "echo the disk is full >&2; exit 3"), "root"))
    with pytest.raises(UpError, match=r"(?s)web can't be started \(4 tries\).*the disk is full"):
        running.watch.until(lambda: False, "never", DEADLINE_S)


def test_a_program_that_ends_before_supervisord_looks_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its look comes right after the fork: which of both is first is the scheduler's choice."""
    monkeypatch.setattr(Supervisor, "_call", Mock(side_effect=Fault(Faults.SPAWN_ERROR, "SPAWN_ERROR: web")))
    Supervisor(DataDir(tmp_path)).start_program("web")


@needs_root
def test_a_program_that_is_not_there_is_named(start: Start) -> None:
    with pytest.raises(UpError, match=r"web can't be started: .*no-such-program"):
        start(Program("web", ("/no-such-program",), "root"))


@needs_root
def test_a_program_that_dies_is_restarted_and_it_is_said(start: Start) -> None:
    running = start(Program("worker", ("sleep", "1000"), "root"))
    eventually(lambda: running.pid("worker"))
    running.watch.check()
    first = running.pid("worker")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: running.pid("worker") not in (0, first))
    running.watch.check()
    assert f"worker (pid {first}) ended unexpectedly; restarted as pid {running.pid('worker')}" in running.said[0]


@needs_root
def test_a_dead_supervisor_is_an_error_with_its_log(start: Start) -> None:
    running = start()
    pid = int((running.data.root / "supervisord.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    with pytest.raises(UpError, match="supervisord stopped"):
        running.watch.check()


@needs_root
def test_what_does_not_come_in_time_is_named(start: Start) -> None:
    running = start()
    with pytest.raises(UpError, match="the web server's /healthz did not come within 0 s"):
        running.watch.until(lambda: False, "the web server's /healthz", 0.2)


@needs_root
def test_a_directory_with_a_blank_works(start: Start) -> None:
    running = start(Program("web", ("sleep", "1000"), "root"), name="a b")
    eventually(lambda: running.pid("web"))
    assert running.data.log("web").exists()


@needs_root
def test_a_supervisor_whose_starter_is_killed_stops_its_programs_too(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.prepare(ROOT)
    member = Program("web", ("sleep", "1000"), "root")
    data.supervisor_config.write_text(supervisor_configuration(config(tmp_path), data, [member]))
    code = (
        "import os, pathlib, signal; from webprof.up.datadir import DataDir\n"
        "from webprof.up.supervision import Supervisor; from webprof.up.watch import Watch\n"
        f"data = DataDir(pathlib.Path({str(tmp_path)!r})); supervisor = Supervisor(data)\n"
        "supervisor.start(dict(os.environ))\n"
        "Watch(supervisor, data, print).until_supervised(30); supervisor.start_program('web')\n"
        "pid = supervisor.states()[0].pid; print(pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert run.returncode == -signal.SIGKILL
    eventually(lambda: not psutil.pid_exists(int(run.stdout)))


# ── our own Redis ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.redis
def test_our_redis_keeps_everything_refuses_when_full_and_listens_on_no_port(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.redis.mkdir()
    data.redis_config.write_text(redis_configuration(data))
    client = Redis(unix_socket_path=str(data.redis_socket), decode_responses=True)

    def answers() -> bool:
        try:
            return bool(client.ping())
        except RedisError:
            return False

    def run() -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(["redis-server", str(data.redis_config)], stdout=subprocess.DEVNULL)
        eventually(answers)
        return process

    server = run()
    try:
        wanted = {"port": "0", "maxmemory-policy": "noeviction", "maxmemory": str(512 << 20), "appendonly": "yes"}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
        client.set("kept", "yes")
        server.terminate()
        server.wait()
        server = run()
        assert client.get("kept") == "yes"
    finally:
        client.close()
        server.kill()
        server.wait()
