"""One program from its check to its outcome."""

import logging
import signal
import subprocess
import threading
import time

from profiler.agent.bpftrace.child import TERM_S, Child, check
from profiler.agent.bpftrace.publisher import LiveResults
from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.spool import Spool
from profiler.core.bpftrace.channel import ATTACH_S, BPFTRACE_STREAM, CHECK_S, END_S, BpftraceMessage
from profiler.core.bpftrace.collector import Collector
from profiler.core.bpftrace.results import ProgramReport, encode
from profiler.core.channel import RunState

logger = logging.getLogger(__name__)

READ_WAIT_S = 0.1
# After SIGINT maps are printed. bpftrace 0.17 forgets one that comes while it does anything but wait, so it is
# sent again and again until it was heard, before SIGTERM and SIGKILL.
INTERRUPTS = 120
_ESCALATION = (
    *((signal.SIGINT, END_S / INTERRUPTS),) * INTERRUPTS,
    (signal.SIGTERM, TERM_S),
    (signal.SIGKILL, TERM_S),
)


class ProgramSession:
    """`run` is a thread's body. It never raises: whatever happens, one outcome is put into the spool."""

    def __init__(self, host: str, asked: BpftraceMessage, live: LiveResults, spool: Spool) -> None:
        self._host, self._asked, self._live, self._spool = host, asked, live, spool
        self._collector = Collector(asked.program)
        self._stopped = threading.Event()
        self._ends_as = (RunState.DONE, "")
        self._began = self._elapsed_s = 0.0
        self._sent: list[signal.Signals] = []
        self.child_pid: int | None = None

    def stop(self, state: RunState, message: str) -> None:
        """End the program now; what it said so far is sent."""
        self._ends_as = (state, message)
        self._stopped.set()

    def run(self) -> None:
        try:
            self._live.announce(self._report(RunState.STARTING))
            state, message = self._checked_and_run()
        except Exception as error:  # a thread that died would leave its run without an end
            logger.exception("bpftrace run %s", self._asked.run)
            state, message = RunState.FAILED, f"the agent failed while it ran bpftrace: {error}"
        last = self._report(state, message)
        self._live.show(last)
        self._spool.put(Outcome(None, encode(last), stream=BPFTRACE_STREAM))

    def _checked_and_run(self) -> tuple[RunState, str]:
        try:
            compiles, said = check(self._asked.program)
        except subprocess.TimeoutExpired:
            return RunState.FAILED, f"bpftrace did not compile the program within {CHECK_S} s"
        except OSError as error:
            return RunState.FAILED, f"bpftrace can't be started: {error}"
        if not compiles:
            self._collector.feed_errors(said)
            return RunState.FAILED, self._first_problem("the program does not compile")
        if self._stopped.is_set():
            return self._ends_as
        return self._run_child()

    def _run_child(self) -> tuple[RunState, str]:
        try:
            child = Child(self._asked.program)
        except OSError as error:
            return RunState.FAILED, f"bpftrace can't be started: {error}"
        self.child_pid = child.pid
        try:
            self._follow(child)
            status = child.wait()
        except BaseException:
            child.signal(signal.SIGKILL)
            child.wait()
            raise
        self._collector.end()
        return self._verdict(status)

    def _follow(self, child: Child) -> None:
        """Until it has ended; told to when its time is over."""
        started = time.monotonic()
        ends_at, escalation = started + ATTACH_S, iter(_ESCALATION)
        while (said := child.read(READ_WAIT_S)) is not None:
            now = time.monotonic()
            self._elapsed_s = now - self._began if self._began else 0.0
            self._collector.feed(said[0], int(1000 * self._elapsed_s))
            self._collector.feed_errors(said[1])
            if self._collector.attached and not self._began:
                self._began = now
                ends_at = now + self._asked.duration_s
            if now >= ends_at or (self._stopped.is_set() and not self._sent):
                number, patience_s = next(escalation, _ESCALATION[-1])
                if number is not signal.SIGINT or child.hears_interrupts():
                    child.signal(number)
                    self._sent.append(number)
                ends_at = now + patience_s
            if self._live.is_due():
                self._live.show(self._report(RunState.RECORDING if self._began else RunState.STARTING))

    def _verdict(self, status: int) -> tuple[RunState, str]:
        if self._sent and not self._began:
            reason = f"bpftrace attached nothing within {ATTACH_S} s"
            return self._ends_as if self._stopped.is_set() else (RunState.FAILED, reason)
        if self._sent and self._sent[-1] is not signal.SIGINT:
            name = self._sent[-1].name
            return (
                RunState.FAILED,
                f"bpftrace did not end within {END_S} s and got {name}: it printed no maps at its end",
            )
        if status:
            return RunState.FAILED, self._first_problem(_status_in_words(status))
        return self._ends_as

    def _first_problem(self, otherwise: str) -> str:
        problem = next((each for each in self._collector.results().problems if each.fatal), None)
        if problem is None:
            return otherwise
        place = f"line {problem.line}, column {problem.column}: " if problem.line else ""
        return place + problem.text

    def _report(self, state: RunState, message: str = "") -> ProgramReport:
        return ProgramReport(
            run=self._asked.run,
            host=self._host,
            state=state,
            at_ns=time.time_ns(),
            elapsed_s=round(self._elapsed_s, 3),
            message=message[:2000],
            results=self._collector.results(),
        )


def _status_in_words(status: int) -> str:
    if status >= 0:
        return f"bpftrace ended with status {status}"
    return f"bpftrace was killed by {signal.Signals(-status).name} : over a limit, or by somebody"
