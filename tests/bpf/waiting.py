"""Recording a workload that waits as it is told, and tells how long it was at it."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from profiler.agent.sampling.recording import Recording
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import PATIENCE_S, stacks


@dataclass(frozen=True)
class Spent:
    """Of a thread, as the kernel's own clocks tell; ns."""

    elapsed_ns: int
    cpu_ns: int

    @property
    def waited_ns(self) -> int:
        return self.elapsed_ns - self.cpu_ns


class Waiter:
    """The program workloads/waits.c."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid

    def does(self, what: str, count: int, argument: object = "-") -> Spent:
        """Let it, and wait until it is done."""
        self.begins(what, count, argument)
        return self.ends()

    def begins(self, what: str, count: int, argument: object = "-") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what} {count} {argument}\n")
        self._process.stdin.flush()

    def ends(self) -> Spent:
        assert self._process.stdout is not None
        return Spent(*map(int, self._process.stdout.readline().split()))


@contextmanager
def waiter(binary: Path, *before: str) -> Iterator[Waiter]:
    """`before`: a command that runs it."""
    process = subprocess.Popen([*before, str(binary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        found = Waiter(process)
        found.does("nothing", 0)  # it runs
        yield found
    finally:
        process.kill()
        process.communicate()


@contextmanager
def recorded(spec: RecordingSpec) -> Iterator[list[Profile]]:
    """What was recorded inside, once it is left: one profile."""
    recording, found = Recording(spec, ProfileMeta()), list[Profile]()
    recording.start()
    try:
        yield found
    finally:
        found.append(recording.named(recording.stop(), PATIENCE_S))


def through(profile: Profile, function: str, pid: int | None = None) -> Counter[str]:
    """Value by the outermost frame of the stacks that have the function."""
    found: Counter[str] = Counter()
    for stack, value in stacks(profile, pid).items():
        if function in stack:
            found[stack[0]] += value
    return found


def by_thread(profile: Profile) -> Counter[int]:
    """Value of each thread."""
    found: Counter[int] = Counter()
    for thread, value in zip(profile.thread.tolist(), profile.value.tolist(), strict=True):
        found[profile.threads[thread].tid] += value
    return found
