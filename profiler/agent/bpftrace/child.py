"""bpftrace as a child: no shell, bounded, and gone when the agent is."""

import os
import re
import selectors
import signal
import subprocess
import time
from pathlib import Path

from profiler.core.bpftrace.channel import CHECK_S, MAX_DURATION_S
from profiler.core.bpftrace.problems import MAX_STDERR_BYTES

# LLVM, symbols and 64 pages of ring for each of 256 CPUs; it uses 0.2 GB of addresses on a small host.
MAX_MEMORY_BYTES = 4 * 2**30
# One CPU for as long as a program may run: what prints without end is held up by its reader long before.
MAX_CPU_S = MAX_DURATION_S + 60
NICE = 10
# A pipe holds so much. What prints faster than it is read waits, and bpftrace counts what it loses meanwhile.
READ_BYTES = 64 * 1024
READ_BYTES_PER_S = 4 * 2**20
# From SIGTERM to SIGKILL.
TERM_S = 2.0
# Nothing of the agent's own environment: no passwords of Redis in a process that people's programs are in.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
_LIMITS = ("nice", "-n", str(NICE), "prlimit", f"--as={MAX_MEMORY_BYTES}", f"--cpu={MAX_CPU_S}", "--core=0")
# The kernel kills it when the thread that started it ends, however that happens.
_PREFIX = ("setpriv", "--pdeathsig", "KILL", *_LIMITS)


def check(program: str) -> tuple[bool, bytes]:
    """Whether it compiles, and what bpftrace says. Nothing is attached. Raises OSError, subprocess.TimeoutExpired."""
    said = subprocess.run(
        [*_PREFIX, "bpftrace", "-d", "-e", program], check=False, env=ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=CHECK_S,
    )  # fmt: skip
    return said.returncode == 0, said.stderr[:MAX_STDERR_BYTES]


class Child:
    """Started at once. Read it with `read` until that returns None; it has ended then. Raises OSError."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [*_PREFIX, "bpftrace", "-B", "line", "-f", "json", "-e", program], env=ENVIRONMENT, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._pipes = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None  # noqa: S101 it was asked for
            os.set_blocking(pipe.fileno(), False)
            self._pipes.register(pipe.fileno(), selectors.EVENT_READ)
        self._errors = self._process.stderr.fileno() if self._process.stderr else -1
        self._read_again = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self, wait_s: float) -> tuple[bytes, bytes] | None:
        """What came on stdout and stderr, within `wait_s`. None when both are closed."""
        if not self._pipes.get_map():
            return None
        time.sleep(max(0.0, self._read_again - time.monotonic()))
        out, errors = b"", b""
        for key, _ in self._pipes.select(wait_s):
            data = os.read(key.fd, READ_BYTES)
            if not data:
                self._pipes.unregister(key.fd)
            elif key.fd == self._errors:
                errors = data
            else:
                out = data
        self._read_again = time.monotonic() + (len(out) + len(errors)) / READ_BYTES_PER_S
        return out, errors

    def hears_interrupts(self) -> bool:
        """Whether SIGINT is handled. Once it was, it no longer is: the next one would kill bpftrace while it prints."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return False
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)
        return caught is not None and bool(int(caught[1], 16) >> (signal.SIGINT - 1) & 1)

    def signal(self, number: signal.Signals) -> None:
        """To it, and to what it may have started."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def wait(self) -> int:
        """After `read` gave None: its status. One that closed its pipes and stays is killed."""
        try:
            return self._process.wait(TERM_S)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            return self._process.wait()
        finally:
            self.close()

    def close(self) -> None:
        self._pipes.close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
