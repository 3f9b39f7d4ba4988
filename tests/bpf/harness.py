"""Recording known workloads: what the tests on the real kernel share."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from profiler.agent.sampling.recording import Recording
from profiler.core.merge import Merger
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

NANOSECONDS = 1_000_000_000
PATIENCE_S = 60


@contextmanager
def running(binary: Path, cpu: int | None = None, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The workload, pinned to a CPU when asked, killed at the end."""
    pinned = ["taskset", "-c", str(cpu)] if cpu is not None else []
    process = subprocess.Popen([*pinned, str(binary), *arguments], stdout=subprocess.PIPE, text=True)
    try:
        _wait_for_exec(process.pid, binary)
        yield process
    finally:
        process.kill()
        process.communicate()


def record(spec: RecordingSpec, seconds: float, polls: int = 1) -> Profile:
    """All that was sampled in a time; every delta on the way adds up exactly."""
    recording = Recording(spec, ProfileMeta())
    recording.start()
    merger = Merger(ProfileMeta(period_ns=spec.period_ns))
    duration_ns = 0
    for poll in range(polls):
        time.sleep(seconds / polls)
        delta = recording.poll() if poll < polls - 1 else recording.stop()
        assert_adds_up(delta)
        merger.add(delta)
        duration_ns += delta.meta.duration_ns
    meta = ProfileMeta(period_ns=spec.period_ns, start_ns=recording.start_ns, duration_ns=duration_ns)
    return recording.named(merger.build(meta), PATIENCE_S)


def record_samples(spec: RecordingSpec, samples: int, since: Callable[[Profile], bool] = lambda _: True) -> Profile:
    """At least this many samples, however long a busy machine takes for them, from the first delta on that is so."""
    recording = Recording(spec, ProfileMeta())
    recording.start()
    merger = Merger(ProfileMeta(period_ns=spec.period_ns))
    deadline = time.monotonic() + PATIENCE_S
    total = 0
    while total < samples:
        if time.monotonic() > deadline:
            recording.stop()
            raise TimeoutError(f"{total} of {samples} samples in {PATIENCE_S} s")
        time.sleep(0.1)
        delta = recording.poll()
        assert_adds_up(delta)
        if total or since(delta):
            merger.add(delta)
            total += delta.quality.samples
    merger.add(recording.stop())
    return recording.named(merger.build(), PATIENCE_S)


def assert_adds_up(profile: Profile) -> None:
    assert profile.total + profile.quality.lost_total == profile.quality.samples


def stacks(profile: Profile, pid: int | None = None) -> Counter[tuple[str, ...]]:
    """Samples by the names of their frames, root first."""
    counts: Counter[tuple[str, ...]] = Counter()
    rows = zip(profile.node.tolist(), profile.thread.tolist(), profile.value.tolist(), strict=True)
    for node, thread, value in rows:
        if pid is None or profile.threads[thread].pid == pid:
            counts[tuple(profile.frames[frame].name for frame in profile.stacks.path(node))] += value
    return counts


def samples_by_thread(profile: Profile) -> Counter[tuple[int, int, str]]:
    counts: Counter[tuple[int, int, str]] = Counter()
    for thread, value in zip(profile.thread.tolist(), profile.value.tolist(), strict=True):
        pid, tid, comm, _ = profile.threads[thread]
        counts[pid, tid, comm] += value
    return counts


def share(counts: Counter[tuple[str, ...]], function: str) -> float:
    """Part of the samples that have the function anywhere in their stack."""
    return sum(count for stack, count in counts.items() if function in stack) / sum(counts.values())


def stolen_seconds(cpu: int | None = None) -> float:
    """Time of a CPU, or of all, that the hypervisor gave to others since boot: no timer ticks in it."""
    fields = Path("/proc/stat").read_text().split("\n")[0 if cpu is None else cpu + 1].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process so far, exact to the nanosecond."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / NANOSECONDS


def _wait_for_exec(pid: int, binary: Path) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if Path(f"/proc/{pid}/exe").resolve() == binary.resolve():
            return
        time.sleep(0.005)
    raise TimeoutError(f"{binary} did not start")
