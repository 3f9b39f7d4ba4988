"""The agent put together: a Celery worker on the main thread, and threads for heartbeat, delivery and the recording."""

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from celery import Celery
from celery.platforms import EX_FAILURE

from profiler.agent.app import create_app, create_worker, nudger
from profiler.agent.bpftrace.capability import bpftrace_capability
from profiler.agent.bpftrace.programs import SPOOL, Programs
from profiler.agent.checks.probe_checks import probe_capabilities
from profiler.agent.continuous import ContinuousProfiler, Policy
from profiler.agent.cost import own_cost
from profiler.agent.cost.budget import Budget
from profiler.agent.cost.governor import Governor
from profiler.agent.cost.malloc import keep_what_is_loaded, return_freed_memory
from profiler.agent.counters import Counters
from profiler.agent.delivery.courier import Courier
from profiler.agent.delivery.publisher import LIVE_TIMEOUT_S, OUTCOME_TIMEOUT_S, connect
from profiler.agent.delivery.spool import CONTINUOUS, Spool
from profiler.agent.flight import FlightRecorder
from profiler.agent.host.heartbeat import Heartbeat
from profiler.agent.host.inventory import InventoryReader
from profiler.agent.probes.watch import Watcher
from profiler.agent.recorder import Recorder
from profiler.agent.tasks import register
from profiler.agent.unwind.unwinder import default_cache_directory
from profiler.agent.unwind.warm_up import WarmUp
from profiler.core.errors import WebprofError
from profiler.core.inventory import Agent, AgentState, Capability

logger = logging.getLogger(__name__)

# Supervisors wait 10 s before they kill; ending a recording (drain, symbols, batch) takes one or two.
END_SESSION_S = 6.0
DELIVER_S = 2.0
END_HEARTBEAT_S = 1.0
END_FLIGHT_S = 1.0
END_CONTINUOUS_S = 3.0
END_COUNTERS_S = 1.0
END_FEEDS_S = 1.0
# Its maps are printed at its end; what takes longer is killed with the agent.
END_PROGRAM_S = 2.0
# Slow enough not to burn a CPU when it happens again at once.
WORKER_RESTART_S = 1.0


class StartError(WebprofError):
    """The agent can't run as it was started."""


@dataclass(frozen=True)
class Settings:
    """`data_dir` is the agent's own directory; URLs are Redis's and Celery's spelling of the same server.

    `hides_private`: paths, arguments and names of hosts in events, and arguments of processes, stay on this host.
    """

    host: str
    redis_url: str
    broker_url: str
    data_dir: Path
    budget: Budget = Budget()  # noqa: RUF009 it is frozen
    continuous: Policy = Policy()  # noqa: RUF009
    hides_private: bool = False
    allow_bpftrace: bool = False


def run(settings: Settings, capabilities: Sequence[Capability]) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartError."""
    return_freed_memory()
    with _only_one(settings.data_dir):
        app = create_app(settings.host, settings.broker_url)
        nudge = nudger(app)
        client = connect(settings.redis_url, LIVE_TIMEOUT_S)
        spool = Spool(settings.data_dir / "spool")
        governor = Governor(settings.budget)
        flight = FlightRecorder(settings.host, settings.data_dir, governor=governor)
        profiles = Spool(settings.data_dir / "continuous", CONTINUOUS)
        own = (profiles, flight, governor, settings.continuous)
        continuous = ContinuousProfiler(settings.host, settings.data_dir, *own)
        recorder = Recorder(settings.host, settings.data_dir, client, spool, nudge, governor, flight, continuous)
        watcher = Watcher(settings.host, client, hides_private=settings.hides_private)
        answers = Spool(settings.data_dir / "bpftrace", SPOOL)
        programs = Programs(settings.host, settings.data_dir, client, answers, nudge, allowed=settings.allow_bpftrace)
        register(app, recorder, watcher, programs)
        spools = (spool, profiles, answers)
        couriers = [Courier(each, connect(settings.redis_url, OUTCOME_TIMEOUT_S), nudge) for each in spools]
        own_state = _Self(recorder, spool, governor)
        capabilities = (*capabilities, bpftrace_capability(allowed=settings.allow_bpftrace))
        probes = probe_capabilities(capabilities)
        told = (own_state, lambda: continuous.variables, probes)
        reader = InventoryReader(settings.host, capabilities, *told, hides_private=settings.hides_private)
        heartbeat = Heartbeat(settings.host, client, reader.read)
        counters = Counters(settings.host, connect(settings.redis_url, OUTCOME_TIMEOUT_S))
        warm_up = WarmUp(default_cache_directory(), lambda: recorder.current is not None)
        for courier in couriers:
            courier.start()
        heartbeat.start()
        counters.start()
        warm_up.start()
        flight.start()
        continuous.start()
        watcher.start()
        try:
            _work(app, settings.host)
        finally:
            warm_up.stop()
            counters.stop(END_COUNTERS_S)
            watcher.stop(END_FEEDS_S)
            programs.stop(END_PROGRAM_S)
            recorder.stop(END_SESSION_S)
            continuous.stop(END_CONTINUOUS_S)
            flight.stop(END_FLIGHT_S)
            for courier in couriers:
                courier.stop(DELIVER_S)
            heartbeat.stop(END_HEARTBEAT_S)


def _work(app: Celery, host: str) -> None:
    """Consume until a signal ends it. Bytes that are no message make Celery's worker give up; a recording and the
    heartbeat go on meanwhile, and a new worker takes over. The bytes are gone: they were taken off the list first.
    """
    while True:
        worker = create_worker(app, host)
        keep_what_is_loaded()
        worker.start()
        if worker.exitcode != EX_FAILURE:
            return
        logger.error("the worker stopped by itself, starting another in %.0f s", WORKER_RESTART_S)
        time.sleep(WORKER_RESTART_S)


class _Self:
    """What the agent says of itself; CPU use is since the call before."""

    def __init__(self, recorder: Recorder, spool: Spool, governor: Governor) -> None:
        self._recorder = recorder
        self._spool = spool
        self._governor = governor
        self._version = _version()
        self._cpu_s, self._at = time.process_time(), time.monotonic()

    def __call__(self) -> Agent:
        cpu_s, now = time.process_time(), time.monotonic()
        percent = 100 * (cpu_s - self._cpu_s) / max(now - self._at, 1e-3)
        self._cpu_s, self._at = cpu_s, now
        run = self._recorder.current
        return Agent(
            version=self._version,
            pid=os.getpid(),
            state=AgentState.RECORDING if run else AgentState.IDLE,
            run=run,
            rss_bytes=own_cost.memory_bytes(),
            cpu_percent=round(percent, 2),
            spooled=len(self._spool),
            dropped=self._spool.dropped,
            budget=self._governor.overhead(),
            flight=self._recorder.flight.state(),
            continuous=self._recorder.continuous.state(),
        )


def _version() -> str:
    try:
        return version("webprof")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "uninstalled"


@contextlib.contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Two agents with one spool would send everything twice, and take each other's tasks."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (directory / "lock").open("w")
    except OSError as error:
        raise StartError(f"data directory {directory} can't be written ({error}); set WEBPROF_DATA") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"an agent is already running with data directory {directory}; stop it first") from None
        yield
