"""Which program this host runs: one at a time, each at most once, none unless the host allows it."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import redis

from profiler.agent.bpftrace.capability import ALLOW, NOT_ALLOWED
from profiler.agent.bpftrace.publisher import LiveResults
from profiler.agent.bpftrace.session import ProgramSession
from profiler.agent.delivery.journal import RunJournal
from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.spool import Limits, Spool
from profiler.core.bpftrace.channel import BPFTRACE_STREAM, BpftraceMessage
from profiler.core.bpftrace.results import ProgramReport, encode
from profiler.core.channel import RunState

logger = logging.getLogger(__name__)

# A program's results are at most 4 MiB; a person started each of them.
SPOOL = Limits(bytes=64 * 2**20, entries=200, memory_bytes=16 * 2**20)
KILLED = "the agent was killed while the program ran, and bpftrace with it"


class Programs:
    """Called by the tasks, all on the worker's thread. A program has a thread of its own."""

    def __init__(
        self, host: str, data_dir: Path, client: redis.Redis, spool: Spool, nudge: Callable[[], None], *, allowed: bool
    ) -> None:
        self._host, self._client, self._spool, self._nudge, self._allowed = host, client, spool, nudge, allowed
        self._journal = RunJournal(data_dir / "bpftrace.json")
        self._session: ProgramSession | None = None
        self._thread: threading.Thread | None = None
        if self._journal.interrupted:
            self.fail(self._journal.interrupted, KILLED)

    @property
    def current(self) -> str | None:
        """The run whose program runs."""
        return self._journal.current if self._thread and self._thread.is_alive() else None

    @property
    def child_pid(self) -> int | None:
        return self._session.child_pid if self._session and self.current else None

    def start(self, asked: BpftraceMessage) -> None:
        """Run a program, unless its run is known already; refuse it, with a report, when it may not run."""
        if self._journal.knows(asked.run):
            logger.info("bpftrace run %s is known already: sent twice", asked.run)
        elif not self._allowed:
            self.fail(asked.run, f"{NOT_ALLOWED}: {ALLOW}")
        elif self.current is not None:
            self.fail(asked.run, f"host {self._host} runs another program, of run {self.current}: one at a time")
        else:
            self._begin(asked)

    def stop_run(self, run: str) -> None:
        """Stop a program; what it said so far is sent. A run that is not known must not start later."""
        if self._session is not None and run == self.current:
            self._session.stop(RunState.CANCELLED, "stopped on request")
        elif not self._journal.knows(run):
            self._journal.refuse(run)
            self._put(run, RunState.CANCELLED, "stopped before it began")

    def fail(self, run: str, message: str) -> None:
        logger.error("bpftrace run %s refused: %s", run, message)
        self._journal.refuse(run)
        self._put(run, RunState.FAILED, message)

    def stop(self, timeout_s: float) -> None:
        """The agent ends. What the program said is in the spool afterwards."""
        if self._session is None or self._thread is None or not self._thread.is_alive():
            return
        self._session.stop(RunState.FAILED, "the agent was stopped while the program ran")
        self._thread.join(timeout_s)

    def _begin(self, asked: BpftraceMessage) -> None:
        self._journal.begin(asked.run)
        logger.info("bpftrace run %s begins: %r", asked.run, asked.program)
        self._session = ProgramSession(self._host, asked, LiveResults(self._client, self._nudge), self._spool)
        self._thread = threading.Thread(
            target=self._run, args=(self._session,), name=f"bpftrace-{asked.run[:8]}", daemon=True
        )
        self._thread.start()

    def _run(self, session: ProgramSession) -> None:
        session.run()
        self._journal.end()

    def _put(self, run: str, state: RunState, message: str) -> None:
        report = ProgramReport(run=run, host=self._host, state=state, at_ns=time.time_ns(), message=message[:2000])
        self._spool.put(Outcome(None, encode(report), stream=BPFTRACE_STREAM))
