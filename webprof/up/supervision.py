"""supervisord as seen from `webprof up`: start it, ask it, stop it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

from webprof.up.datadir import DataDir
from webprof.up.errors import UpError


@dataclass(frozen=True)
class ProgramState:
    """One program as supervisord sees it; `state` in its words (STARTING, RUNNING, BACKOFF, EXITED, FATAL, …)."""

    name: str
    state: str
    pid: int
    detail: str


class Supervisor:
    """The supervisord of one data directory."""

    def __init__(self, data: DataDir) -> None:
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, environment: dict[str, str]) -> None:
        """Start it, in a session of its own so that Ctrl-C reaches only us, who stop things in order."""
        self._data.supervisor_socket.unlink(missing_ok=True)
        supervisord = [str(Path(sys.executable).parent / "supervisord"), "-n", "-c", str(self._data.supervisor_config)]
        # Even killed, we must not leave it behind: the kernel then tells it to stop.
        command = ["setpriv", "--pdeathsig", "TERM", *supervisord]
        with self._data.log("supervisord-console").open("wb") as console:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, Fault):
            return False

    def start_program(self, name: str) -> None:
        """Raises UpError when there is nothing that could be started."""
        try:
            self._call("startProcess", name, False)
        except Fault as fault:
            # One that ended before supervisord looked is started again like one that ends later; `Watch` says so when
            # that is given up.
            if fault.faultCode != Faults.SPAWN_ERROR:
                raise UpError(f"{name} can't be started: {fault.faultString}") from fault

    def states(self) -> list[ProgramState]:
        return [
            ProgramState(info["name"], info["statename"], int(info["pid"]), info["spawnerr"] or info["description"])
            for info in self._call("getAllProcessInfo")
        ]

    def shutdown(self, timeout_s: float) -> bool:
        """Stop every program in reverse order, then supervisord. False when that took longer than `timeout_s`."""
        if self._process is None:
            return True
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._data.supervisor_socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)
