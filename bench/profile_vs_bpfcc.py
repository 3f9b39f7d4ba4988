"""`webprof profile` beside BCC's `profile`: do they agree, and what does each cost?

    .venv/bin/python -m bench.profile_vs_bpfcc [SECONDS] [HZ]      (root, gcc, bpfcc-tools)

Both sample the same processes, which are let go when both have begun, and both are stopped together: they see the same
seconds. Compared is how the samples fall on the innermost functions: the five biggest of each must be within three
points of the other's share. The exit code says whether they are. What BCC lost is told, and left out of its shares.

At 99 Hz for 10 s chance alone makes shares differ by up to five points, so the default is 999 Hz.
"""

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.unwind_coverage import kernel_source
from profiler.agent.kernel import bpf_syscall

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = ("busy", "syscalls", "threads")
# What BCC prints for a stack that found no place in its map; enough places are given, but they collide.
MISSED = ("[Missed Kernel Stack]", "[Missed User Stack]")
STACK_PLACES = "262144"
CFLAGS = ("-O1", "-pthread", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer", "-fno-optimize-sibling-calls")
TOP = 5
TOLERANCE_POINTS = 3.0
DEFAULT_SECONDS, DEFAULT_HZ = 10.0, 999
START_TIMEOUT_S = 60
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Profiler:
    """A profiler that runs until it is stopped, and what it cost: CPU in seconds, peak memory in MB."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    says_when: str = ""
    process: subprocess.Popen[str] = field(init=False)
    startup_cpu_s: float = 0
    kernel_ms: float = 0
    cpu_s: float = 0
    peak_mb: float = 0
    missed: int = 0
    notes: list[str] = field(default_factory=list)
    functions: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        """Returns when it samples: it says so itself, or its program has run."""
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if self.says_when else subprocess.DEVNULL,
            text=True,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_sampling():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not begin to sample: {' '.join(self.command)}")
            time.sleep(0.05)
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        self.startup_cpu_s = (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def interrupt(self) -> None:
        self.kernel_ms = sum(self._program_run_times_ns()) / 1e6
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        self.peak_mb = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024
        self.process.send_signal(signal.SIGINT)

    def collect(self) -> None:
        """Wait for the end and read the folded stacks."""
        before = _children_cpu_s()
        output, errors = self.process.communicate()
        self.cpu_s = _children_cpu_s() - before
        self.notes = (errors or "").splitlines()
        for line in output.splitlines():
            stack, _, count = line.rpartition(" ")
            frames = stack.split(";")
            if set(MISSED) & set(frames):
                self.missed += int(count)
            else:
                self.functions[frames[-1]] += int(count)

    def share(self, function: str) -> float:
        """Percent of the samples that have a stack."""
        return 100 * self.functions[function] / max(self.functions.total(), 1)

    def _is_sampling(self) -> bool:
        if self.process.stderr is not None:
            return self.process.stderr.readline().startswith(self.says_when)
        return any(self._program_run_times_ns())

    def _program_run_times_ns(self) -> list[int]:
        """Of each BPF program that the process holds. The kernel counts while somebody has asked it to."""
        times = []
        for info in Path(f"/proc/{self.process.pid}/fdinfo").iterdir():
            try:
                times += [int(value) for value in re.findall(r"run_time_ns:\s+(\d+)", info.read_text())]
            except OSError:  # closed meanwhile
                continue
        return times


def main(seconds: float, frequency: int) -> int:
    code = "from webprof.cli import main; main()"
    stats = bpf_syscall.enable_run_time_stats()
    with tempfile.TemporaryDirectory() as directory, ExitStack() as workloads:
        processes = [_paused(_build(name, Path(directory)), workloads) for name in WORKLOADS]
        options = ["-F", str(frequency), "-p", ",".join(str(process.pid) for process in processes)]
        ours = Profiler("webprof", [sys.executable, "-c", code, "profile", *options], says_when="sampling")
        command = ["profile-bpfcc", "-f", "--stack-storage-size", STACK_PLACES, *options]
        theirs = Profiler("bpfcc", command, kernel_headers(Path(directory)))
        for profiler in (theirs, ours):
            profiler.start()
        for process in processes:
            process.send_signal(signal.SIGCONT)
        time.sleep(seconds)
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        for profiler in (ours, theirs):
            profiler.interrupt()
        for profiler in (ours, theirs):
            profiler.collect()
    os.close(stats)
    return _report(ours, theirs)


def _paused(binary: Path, workloads: ExitStack) -> subprocess.Popen[bytes]:
    process = workloads.enter_context(subprocess.Popen([binary], stdout=subprocess.DEVNULL))
    workloads.callback(process.kill)
    process.send_signal(signal.SIGSTOP)
    return process


def _report(ours: Profiler, theirs: Profiler) -> int:
    names = dict.fromkeys(name for profiler in (ours, theirs) for name, _ in profiler.functions.most_common(TOP))
    worst = 0.0
    print(f"{'innermost function':<40}{ours.name:>10}{theirs.name:>10}{'difference':>12}")
    for name in names:
        difference = ours.share(name) - theirs.share(name)
        worst = max(worst, abs(difference))
        print(f"{name:<40}{ours.share(name):>9.1f}%{theirs.share(name):>9.1f}%{difference:>+11.1f}")
    for profiler in (ours, theirs):
        print(f"{profiler.name}: {profiler.functions.total()} samples with a stack, {profiler.missed} without")
        for note in profiler.notes:
            print(f"  {note}")
    print()
    print(f"{'':<10}{'start-up CPU s':>16}{'CPU s':>8}{'peak MB':>9}{'in kernel ms':>14}")
    for profiler in (ours, theirs):
        costs = (
            f"{profiler.startup_cpu_s:>16.2f}{profiler.cpu_s:>8.2f}{profiler.peak_mb:>9.0f}{profiler.kernel_ms:>14.1f}"
        )
        print(f"{profiler.name:<10}{costs}")
    passed = worst <= TOLERANCE_POINTS and ours.functions.total() > 0 and theirs.functions.total() > 0
    verdict = "pass" if passed else "FAIL"
    print(f"\n{verdict}: the biggest difference is {worst:.1f} points, {TOLERANCE_POINTS} are allowed")
    return 0 if passed else 1


def kernel_headers(directory: Path) -> dict[str, str]:
    """BCC's own headers are the running kernel's; without them it gets ours, and compiles faster than it would."""
    if Path(f"/lib/modules/{os.uname().release}/build").exists():
        return {}
    print("no headers of this kernel: profile-bpfcc compiles with webprof's stub headers\n")
    return {"BCC_KERNEL_SOURCE": str(kernel_source(directory / "source"))}


def _build(name: str, directory: Path) -> Path:
    subprocess.run(["gcc", *CFLAGS, "-o", directory / name, ROOT / "tests" / "workloads" / f"{name}.c"], check=True)
    return directory / name


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(
        main(
            float(arguments[0]) if arguments else DEFAULT_SECONDS,
            int(arguments[1]) if len(arguments) > 1 else DEFAULT_HZ,
        )
    )
