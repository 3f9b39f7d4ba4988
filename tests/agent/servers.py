"""A real Redis that tests may stop, start and fill, and a real agent as its own process."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import redis
from celery import Celery

from profiler.core import batch, inventory
from profiler.core.channel import (
    PROFILES_STREAM,
    RUNS_STREAM,
    TASK_CANCEL,
    TASK_RECORD,
    EntryKind,
    RunReport,
    RunState,
    heartbeat_key,
    host_queue,
    live_key,
)
from profiler.core.profile import Profile

ROOT = Path(__file__).resolve().parents[2]
HOST = "test-host"
# Starting an agent, with a BPF program to compile, takes a minute on a very busy machine.
PATIENCE_S = 120.0
# Below a data directory.
CACHES = ("agent/bytecode", "unwind")
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str, timeout_s: float = PATIENCE_S) -> Found:
    """The first truthy answer."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {timeout_s} s for {what}"
        time.sleep(0.05)
    return found


def share_caches(directory: Path) -> None:
    """What an agent could make again, compiled programs and unwind tables, is made once in a test run.

    Outside of one, in a bench, each agent has its own.
    """
    if "WEBPROF_DATA" not in os.environ:
        return
    for cache in CACHES:
        own = directory / cache
        own.parent.mkdir(mode=0o700, exist_ok=True)
        if not own.is_symlink():
            own.symlink_to(Path(os.environ["WEBPROF_DATA"]) / cache)


class RedisServer:
    """Keeps nothing on disk: a restart loses everything, like a Redis that was replaced."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.url = f"unix://{directory}/redis.sock"
        self.client = redis.Redis.from_url(self.url)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", "0", "--unixsocket", f"{self._directory}/redis.sock", "--save", ""]
        self._process = subprocess.Popen([*command, "--dir", str(self._directory)], stdout=subprocess.DEVNULL)
        wait_for(self._answers, "redis-server", 10)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


class Agent:
    """`webprof agent` with its log in a file."""

    def __init__(self, server: RedisServer, directory: Path, host: str = HOST, options: tuple[str, ...] = ()) -> None:
        self.server = server
        self.options = options
        self.host = host
        self.directory = directory
        self.log_path = directory / "agent.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.spawn()
        wait_for(self.alive, "the agent's heartbeat")

    def spawn(self) -> None:
        share_caches(self.directory)
        code = "from webprof.cli import main; main()"
        where = ("--redis-url", self.server.url, "--host-id", self.host)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code, "agent", *where, *self.options],
                cwd=ROOT,
                env=os.environ | {"WEBPROF_DATA": str(self.directory)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def alive(self) -> inventory.Inventory | None:
        """Its own last heartbeat: that of one that was killed outlives it by seconds."""
        assert self.process.poll() is None, self.log
        told = self.heartbeat()
        return told if told is not None and told.agent.pid == self.process.pid else None

    def heartbeat(self) -> inventory.Inventory | None:
        data = self.server.client.get(heartbeat_key(self.host))
        return inventory.decode(cast("bytes", data)) if data else None

    def end(self, number: signal.Signals = signal.SIGTERM, timeout_s: float = 15) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout_s)

    def kill_if_running(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def bpf_programs(self) -> set[int]:
        """Ids of the BPF programs that this agent holds."""
        found = set()
        for info in Path(f"/proc/{self.process.pid}/fdinfo").iterdir():
            try:
                lines = info.read_text().splitlines()
            except OSError:  # closed meanwhile
                continue
            fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
            if "prog_id" in fields:
                found.add(int(fields["prog_id"]))
        return found


class Server:
    """What webprof's server does at this boundary: sends tasks, reads streams."""

    def __init__(self, redis_server: RedisServer, host: str = HOST) -> None:
        self.redis = redis_server
        self._host = host
        self._celery = Celery(broker=redis_server.url.replace("unix://", "redis+socket://"), set_as_current=False)

    def send(self, task: str, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> None:
        self._celery.send_task(task, args=args, kwargs=dict(kwargs or {}), queue=host_queue(self._host), expires=30)

    def record(self, run: str | None = None, **spec: object) -> str:
        run = run or str(uuid.uuid4())
        self.send(TASK_RECORD, kwargs={"run": run, "spec": spec})
        return run

    def cancel(self, run: str) -> None:
        self.send(TASK_CANCEL, kwargs={"run": run})

    def reports(self, run: str) -> list[RunReport]:
        """In the order of RUNS_STREAM."""
        found = [RunReport.model_validate_json(entry[b"data"]) for entry in self._entries(RUNS_STREAM)]
        return [report for report in found if report.run == run]

    def states(self, run: str) -> list[RunState]:
        return [report.state for report in self.reports(run)]

    def wait_for_state(self, run: str, *states: RunState) -> RunReport:
        def last() -> RunReport | None:
            return next((report for report in self.reports(run) if report.state in states), None)

        return wait_for(last, f"run {run} to be one of {states}; it was {self.states(run)}")

    def wait_for_end(self, run: str) -> RunReport:
        return self.wait_for_state(run, *(state for state in RunState if state.final))

    def live(self, run: str) -> Iterator[tuple[EntryKind, bytes]]:
        for entry in self._entries(live_key(run)):
            yield EntryKind(entry[b"kind"].decode()), entry[b"data"]

    def live_reports(self, run: str) -> list[RunReport]:
        return [RunReport.model_validate_json(data) for kind, data in self.live(run) if kind is EntryKind.STATE]

    def live_profiles(self, run: str) -> list[tuple[EntryKind, Profile]]:
        return [(kind, batch.decode(data)) for kind, data in self.live(run) if kind is not EntryKind.STATE]

    def live_samples(self, run: str) -> int:
        """As a late viewer counts: a snapshot replaces all before it."""
        samples = 0
        for kind, profile in self.live_profiles(run):
            samples = profile.total if kind is EntryKind.SNAPSHOT else samples + profile.total
        return samples

    def wait_for_samples(self, run: str) -> int:
        """Some, on the live stream of a run that has not failed."""

        def look() -> int:
            assert RunState.FAILED not in self.states(run), self.reports(run)
            return self.live_samples(run)

        return wait_for(look, f"samples of run {run}")

    def profiles(self, run: str) -> list[Profile]:
        entries = self._entries(PROFILES_STREAM)
        return [batch.decode(entry[b"data"]) for entry in entries if entry[b"run"].decode() == run]

    def _entries(self, stream: str) -> list[dict[bytes, bytes]]:
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", self.redis.client.xrange(stream))
        return [entry for _, entry in found]
