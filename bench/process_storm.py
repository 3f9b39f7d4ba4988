"""A shell that starts programs of milliseconds one after the other, and what the kernel charged for all of them."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

# Names of their own: other shells may be at work on the machine.
SHELL, PROGRAM = "storm-shell", "storm-program"
LOOP = "while :; do ./storm-program; done"


class Storm:
    """Running. `charged_s` is 0 until it is over; then the CPU seconds of the shell and of all that it started."""

    names = frozenset({SHELL, PROGRAM})

    def __init__(self, directory: Path) -> None:
        (directory / SHELL).symlink_to(Path("/bin/bash").resolve())
        shutil.copy("/bin/true", directory / PROGRAM)
        command = [str(directory / SHELL), "-c", f"trap exit TERM; {LOOP}"]
        self._shell = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL)
        self.charged_s = 0.0

    def used_s(self) -> float:
        """So far, of the shell and of the programs that have ended."""
        times = psutil.Process(self._shell.pid).cpu_times()
        return sum(times[:4])

    def end(self) -> None:
        """Once it has ended nothing happens."""
        if self._shell.returncode is None:
            self._shell.send_signal(signal.SIGTERM)
            _, status, usage = os.wait4(self._shell.pid, 0)
            self._shell.returncode = os.waitstatus_to_exitcode(status)
            self.charged_s = usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def process_storm() -> Iterator[Storm]:
    with tempfile.TemporaryDirectory() as directory:
        storm = Storm(Path(directory))
        try:
            yield storm
        finally:
            storm.end()
