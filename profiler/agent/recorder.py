"""The one place that decides what this host records: at most one session at a time, each run at most once."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import redis

from profiler.agent.continuous import ContinuousProfiler
from profiler.agent.cost.governor import Governor
from profiler.agent.cost.malloc import give_back_memory
from profiler.agent.delivery.journal import RunJournal
from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.publisher import LiveStream
from profiler.agent.delivery.spool import Spool
from profiler.agent.flight import FlightRecorder
from profiler.agent.freeze import Freeze
from profiler.agent.session import Session
from profiler.core.channel import RunReport, RunState
from profiler.core.spec import RecordingSpec

logger = logging.getLogger(__name__)


class Recorder:
    """Called by the tasks, all on the worker's thread. A session has a thread of its own."""

    def __init__(
        self,
        host: str,
        data_dir: Path,
        client: redis.Redis,
        spool: Spool,
        nudge: Callable[[], None],
        governor: Governor,
        flight: FlightRecorder,
        continuous: ContinuousProfiler,
    ) -> None:
        self._host = host
        self._governor = governor
        self.flight = flight
        self.continuous = continuous
        self._client = client
        self._spool = spool
        self._nudge = nudge
        self._journal = RunJournal(data_dir / "runs.json")
        self._session: Session | Freeze | None = None
        self._thread: threading.Thread | None = None
        if self._journal.interrupted:
            self.fail(self._journal.interrupted, "the agent was killed while it recorded, and has been started again")

    @property
    def current(self) -> str | None:
        """The run being recorded."""
        return self._journal.current if self._thread and self._thread.is_alive() else None

    def record(self, run: str, spec: RecordingSpec) -> None:
        """Begin a run, unless it is known already; refuse it, with a report, while another one records."""
        if self._journal.knows(run):
            logger.info("run %s is known already: sent twice", run)
            return
        if self.current is not None:
            self.fail(run, f"host {self._host} is recording run {self.current}: wait for its end or cancel it")
            return
        self._journal.begin(run)
        logger.info("run %s begins: %s", run, spec.model_dump_json(exclude_defaults=True))
        self._session = self._new_session(self._report(run, RunState.STARTING), spec)
        self._thread = threading.Thread(target=self._run, args=(self._session,), name=f"session-{run[:8]}", daemon=True)
        self._thread.start()

    def _new_session(self, report: RunReport, spec: RecordingSpec) -> Session | Freeze:
        if spec.freeze_s is not None:
            return Freeze(report, spec, self.flight, self._spool)
        live = LiveStream(self._client, report.run, self._nudge)
        return Session(report, spec, live, self._spool, self._governor, self._others_rest)

    @contextlib.contextmanager
    def _others_rest(self) -> Iterator[None]:
        with self.flight.resting(), self.continuous.resting():
            yield

    def cancel(self, run: str) -> None:
        """Stop a run; its profile so far is sent. A run that is not known must not start later."""
        if self._session is not None and run == self.current:
            self._session.stop(RunState.CANCELLED, "")
        elif not self._journal.knows(run):
            self._journal.refuse(run)
            self._spool.put(Outcome(self._report(run, RunState.CANCELLED, "cancelled before it began")))

    def fail(self, run: str, message: str) -> None:
        """Refuse a run, with the reason."""
        logger.error("run %s refused: %s", run, message)
        self._journal.refuse(run)
        self._spool.put(Outcome(self._report(run, RunState.FAILED, message)))

    def stop(self, timeout_s: float) -> None:
        """End what is being recorded because the agent ends. What was gathered is in the spool afterwards."""
        if self._session is None or self._thread is None or not self._thread.is_alive():
            return
        self._session.stop(RunState.FAILED, f"the agent was stopped after {self._session.elapsed_s:.1f} s")
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            logger.error(
                "run %s did not end within %.0f s; its start will be reported as killed", self.current, timeout_s
            )

    def _run(self, session: Session | Freeze) -> None:
        session.run()
        self._journal.end()
        give_back_memory()

    def _report(self, run: str, state: RunState, message: str = "") -> RunReport:
        return RunReport(run=run, host=self._host, state=state, at_ns=time.time_ns(), message=message[:2000])
