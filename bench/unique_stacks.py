"""Samples lost when hardly two stacks are the same, on all CPUs: ours, `profile-bpfcc` as it comes, and perf's dumps.

python -m bench.unique_stacks [SECONDS] [HZ]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.perf_tool import NAME, is_here, perf_stacks
from bench.unwind_coverage import kernel_source
from bench.unwind_targets import WORKLOADS
from profiler.agent.sampling.recording import Recording
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

# Frame pointers: profile-bpfcc walks by nothing else, and would have few different stacks without.
FLAGS = ("-O1", "-pthread", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer")
_MISSED = "[Missed User Stack]"


def ours(pid: int, seconds: float, frequency: int) -> Profile:
    recording = Recording(RecordingSpec(pids=(pid,), frequency=frequency), ProfileMeta())
    recording.start()
    time.sleep(seconds)
    return recording.stop()


def bpfcc(pid: int, seconds: float, frequency: int) -> tuple[int, int]:
    """Samples with and without a stack."""
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {"BCC_KERNEL_SOURCE": str(kernel_source(Path(directory) / "source"))}
        command = ["profile-bpfcc", "-f", "-F", str(frequency), "-p", str(pid), str(round(seconds))]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    shown: Counter[bool] = Counter()
    for line in done.stdout.splitlines():
        stack, _, count = line.rpartition(" ")
        if count.isdecimal():
            shown[_MISSED in stack] += int(count)
    return shown[False], shown[True]


def main(seconds: float, frequency: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        binary = Path(directory) / "unique"
        subprocess.run(["gcc", *FLAGS, "-o", binary, WORKLOADS / "unique.c"], check=True)
        process = subprocess.Popen([binary, str(os.cpu_count() or 1)])
        try:
            profile = ours(process.pid, seconds, frequency)
            shown, missing = bpfcc(process.pid, seconds, frequency)
            perf = perf_stacks(seconds, frequency, [process.pid]) if is_here() else None
        finally:
            process.kill()
            process.wait()
    quality = profile.quality
    unique = len({(node, thread) for node, thread in zip(profile.node.tolist(), profile.thread.tolist(), strict=True)})
    print(f"different stacks: {100 * unique / max(1, profile.total):.1f} % of the samples")
    print(f"webprof:       {quality.samples:6d} samples, {quality.lost_total:6d} lost {dict(quality.lost) or ''}")
    share = 100 * missing / max(1, shown + missing)
    print(f"profile-bpfcc: {shown + missing:6d} samples, {missing:6d} without their stack: {share:.1f} %")
    if perf:
        print(f"{NAME}: {len(perf.stacks):6d} samples, {perf.lost:6d} lost, {perf.bytes / 2**20:.0f} MiB written")
    bpf_us = quality.bpf_ns / max(1, quality.samples) / 1000
    print(f"BPF {bpf_us:.1f} µs per sample; agent {quality.agent_cpu_ns / 1e9:.1f} CPU s")


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:]]
    main(given[0] if given else 15, int(given[1]) if len(given) > 1 else 999)
