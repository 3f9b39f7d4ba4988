"""How much CPU does a recording take until its first sample: with everything cached, and for the first time ever?

    .venv/bin/python -m bench.start_up [ROUNDS]      (root, bpfcc-tools; default 3 rounds)

Every start is a fresh process that records the whole system at 99 Hz beside a busy loop. "first time" has an empty data
directory: the program is compiled, and every file's unwind rows are missing. "cached" has what the round before left.
Counted is the CPU time of the process and its children, user and system, from `Recording.start` to the first poll that
has samples; the verifier's work is part of it. A process's own begin (the interpreter and its imports), which an agent
pays once, is told apart; modules are compiled before, as by an installation. profile-bpfcc is measured from its exec to
the first run of its program, in the same rounds.

The exit code says whether the median of the cached starts and the first starts are within the limits.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.as_installed import compiled_modules
from bench.process_tree import tree_cpu
from bench.profile_vs_bpfcc import Profiler, kernel_headers
from profiler.agent.kernel import bpf_syscall
from profiler.agent.sampling.recording import Recording
from profiler.agent.unwind.unwinder import default_cache_directory
from profiler.agent.unwind.warm_up import WarmUp
from profiler.agent.unwind.worker import ParsingWorker
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

ROOT = Path(__file__).resolve().parent.parent
CACHED_LIMIT_S, FIRST_LIMIT_S = 0.4, 1.5
FREQUENCY = 99
POLL_S = 0.02
FIRST_SAMPLE_TIMEOUT_S = 60
ONCE = "--once"


def main(rounds: int) -> int:
    first, cached = [], []
    with compiled_modules():
        for number in range(1, rounds + 1):
            with tempfile.TemporaryDirectory(prefix="webprof-start-") as data:
                first.append(start(data, "first time", number))
                settle(data)
                cached.append(start(data, "cached", number))
            start_bpfcc(number)
    print(f"median: first time {median(first):.2f} CPU s (limit {FIRST_LIMIT_S}), ", end="")
    print(f"cached {median(cached):.2f} CPU s (limit {CACHED_LIMIT_S})")
    return 0 if median(first) <= FIRST_LIMIT_S and median(cached) <= CACHED_LIMIT_S else 1


def start(data: str, label: str, number: int) -> float:
    """Run one start in a fresh process; the CPU seconds to its first sample."""
    environment = os.environ | {"WEBPROF_DATA": data}
    command = [sys.executable, "-m", "bench.start_up", ONCE]
    with busy_loop():
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    got: dict[str, float] = json.loads(done.stdout)
    print(
        f"{number} webprof, {label:<10}  {got['cpu_s']:.2f} CPU s (user {got['user_s']:.2f}, system "
        f"{got['system_s']:.2f}, children {got['children_s']:.2f}), wall {got['wall_s']:.2f} s; "
        f"interpreter and imports before {got['before_s']:.2f} CPU s, peak memory {got['peak_mb']:.0f} MB",
        flush=True,
    )
    return got["cpu_s"]


def settle(data: str) -> None:
    """Make the unwind rows of all that runs here, as an idle agent does: the first start has only begun with it."""
    code = "from bench.start_up import learn; learn()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"WEBPROF_DATA": data}, check=True)


def learn() -> None:
    WarmUp(default_cache_directory(), lambda: False, ParsingWorker()).learn()


def start_bpfcc(number: int) -> None:
    command = ["profile-bpfcc", "-f", "-F", str(FREQUENCY), "30"]
    with tempfile.TemporaryDirectory() as directory:
        profiler = Profiler("profile-bpfcc", command, kernel_headers(Path(directory)))
        began = time.monotonic()
        with busy_loop(), counting_run_time():
            profiler.start()
        wall_s = time.monotonic() - began
        profiler.interrupt()
        profiler.collect()
    print(
        f"{number} profile-bpfcc        {profiler.startup_cpu_s:.2f} CPU s, wall {wall_s:.2f} s, "
        f"peak memory {profiler.peak_mb:.0f} MB",
        flush=True,
    )


def start_here() -> dict[str, float]:
    """In this process: start a recording and wait for its first sample."""
    pid = os.getpid()
    recording = Recording(RecordingSpec(frequency=FREQUENCY), ProfileMeta())
    before, began = tree_cpu(pid), time.monotonic()
    recording.start()
    while not recording.poll().quality.samples:
        if time.monotonic() - began > FIRST_SAMPLE_TIMEOUT_S:
            raise SystemExit(f"no sample in {FIRST_SAMPLE_TIMEOUT_S} s")
        time.sleep(POLL_S)
    used, wall_s = tree_cpu(pid) - before, time.monotonic() - began
    recording.stop()
    return {
        "cpu_s": used.total,
        "user_s": used.own_user,
        "system_s": used.own_system,
        "children_s": used.children,
        "wall_s": wall_s,
        "before_s": before.total,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@contextmanager
def busy_loop() -> Iterator[None]:
    """Something to sample at once: a shell that counts."""
    process = subprocess.Popen(["sh", "-c", "while :; do :; done"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def counting_run_time() -> Iterator[None]:
    """While this is open the kernel tells how long programs have run: that BCC's has run at all."""
    descriptor = bpf_syscall.enable_run_time_stats()
    try:
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    if sys.argv[1:] == [ONCE]:
        json.dump(start_here(), sys.stdout)
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
