"""What happens to the programs while they run: says every restart, stops the start when one can't be started."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from webprof.up.datadir import DataDir
from webprof.up.errors import UpError
from webprof.up.programs import START_TRIES
from webprof.up.supervision import ProgramState, Supervisor

POLL_S = 0.2
LOG_TAIL_LINES = 20

Say = Callable[[str], None]


class Watch:
    """Compares what supervisord says with what it said before."""

    def __init__(self, supervisor: Supervisor, data: DataDir, say: Say) -> None:
        self._supervisor = supervisor
        self._data = data
        self._say = say
        self._pids: dict[str, int] = {}

    def check(self) -> None:
        """Raises UpError, with the end of the log, when supervisord is gone or a program can't be started."""
        self._require_supervisor()
        try:
            states = self._supervisor.states()
        except OSError as error:
            raise UpError(f"supervisord doesn't answer: {error}\n{tail(self._data.log('supervisord'))}") from error
        for state in states:
            self._note(state)

    def until_supervised(self, timeout_s: float) -> None:
        """Wait until supervisord answers: only then can anything be checked."""
        deadline = time.monotonic() + timeout_s
        while not self._supervisor.answers():
            self._require_supervisor()
            if time.monotonic() > deadline:
                raise UpError(f"supervisord did not answer within {timeout_s:.0f} s; its log is in {self._data.logs}")
            time.sleep(POLL_S)

    def until(self, ready: Callable[[], bool], what: str, timeout_s: float) -> None:
        """Wait for `ready`, watching. Raises UpError naming `what` was waited for."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise UpError(f"{what} did not come within {timeout_s:.0f} s; the logs are in {self._data.logs}")
            time.sleep(POLL_S)

    def _require_supervisor(self) -> None:
        if not self._supervisor.alive:
            raise UpError(f"supervisord stopped:\n{tail(self._data.log('supervisord-console'))}")

    def _note(self, state: ProgramState) -> None:
        if state.state == "FATAL":
            log = self._data.log(state.name)
            raise UpError(
                f"{state.name} can't be started ({START_TRIES + 1} tries): {state.detail}. {log} ends:\n{tail(log)}"
            )
        before = self._pids.get(state.name, 0)
        if state.pid and before and state.pid != before:
            log = self._data.log(state.name)
            self._say(f"{state.name} (pid {before}) ended unexpectedly; restarted as pid {state.pid}; see {log}")
        if state.pid:
            self._pids[state.name] = state.pid


def tail(log: Path) -> str:
    """The last lines of a log file, indented; says so when there are none."""
    try:
        with log.open(errors="replace") as file:
            lines = deque(file, LOG_TAIL_LINES)
    except FileNotFoundError:
        lines = deque()
    return "".join(f"    {line.rstrip()}\n" for line in lines).rstrip("\n") or "    (empty)"
