"""Processes that do a known thing when they are told, and what a probe counted of them."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from profiler.core.event_batch import EventBatch
from tests.bpf.harness import PATIENCE_S
from tests.bpf.probes.feed import wait_for

CALLS = 1009
# They wait for a word before they do anything, and end when they are let go: what they need themselves comes before.
BEGIN = "import os, sys, mmap, socket\ndef ready(): os.write(1, b'.'); os.read(0, 1)\n"
SYSCALLS = BEGIN + "ready()\nfor _ in range(int(sys.argv[1])): os.getppid()\nready()"


@contextmanager
def waiting(code: str, *arguments: str) -> Iterator[tuple[int, Callable[[], None]]]:
    """A process that is ready: its pid, and what makes it do its work and returns when that is done."""
    command = [sys.executable, "-S", "-c", code, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers, words = process.stdout.fileno(), process.stdin

        def work() -> None:
            words.write(b".")
            words.flush()
            rests()

        def rests() -> None:
            assert os.read(answers, 1) == b"."
            wait_for(lambda: asleep(process.pid), "the next word to be waited for")

        rests()
        yield process.pid, work
        process.stdin.write(b".")
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def asleep(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def total(batches: list[EventBatch], pid: int | None = None) -> Counter[str]:
    found: Counter[str] = Counter()
    for batch in batches:
        numbers = {name: column for name, column in batch.columns.items() if name not in ("at_ns", "pid", "comm")}
        for row, owner in enumerate(batch.columns["pid"]):
            if pid in (None, owner):
                found.update({name: int(column[row]) for name, column in numbers.items()})
    return found
