"""Whole stacks while processes come and go: a compile loop, the whole system sampled; then by perf and profile-bpfcc.

    python -m bench.unwind_storm [SECONDS] [HZ] [LOOPS]

The first recording only fills the caches of rows and files.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.perf_tool import NAME, is_here, perf_stacks
from bench.unwind_coverage import bpfcc_system
from profiler.agent.sampling.recording import Recording
from profiler.core.profile import ProfileMeta
from profiler.core.quality import Quality
from profiler.core.spec import RecordingSpec

LOOP = "while :; do gcc -O1 a.c -o a; ./a; ls -l / | sort | awk '{print $1}'; /usr/bin/python3 -c 'import json'; done"
WARM_UP_S = 20.0


def record(seconds: float, frequency: int) -> tuple[Quality, float]:
    """The quality, and the share of one CPU that the agent used after its start."""
    recording = Recording(RecordingSpec(frequency=frequency), ProfileMeta())
    recording.start()
    recording.poll()
    time.sleep(seconds)
    quality = recording.stop().quality
    return quality, quality.agent_cpu_ns / 1e9 / seconds


def report(quality: Quality, cpu_share: float) -> None:
    outcomes = dict(quality.outcomes)
    user = sum(outcomes.values()) - outcomes.pop("kernel only", 0)
    whole = 100 * outcomes.pop("end", 0) / user
    print(f"whole: {whole:.1f} % of {user} samples with user memory; lost: {quality.lost_total}")
    for reason, count in sorted(outcomes.items(), key=lambda item: -item[1]):
        print(f"  {100 * count / user:5.1f} % {reason}")
    print(f"BPF {quality.bpf_ns / quality.samples / 1000:.1f} µs per sample; agent {100 * cpu_share:.1f} % of one CPU")


def report_others(seconds: float, frequency: int) -> None:
    if is_here():
        perf = perf_stacks(seconds, frequency)
        cost = f"record {100 * perf.record_cpu_s / seconds:.1f} % of one CPU, script {perf.script_cpu_s:.1f} CPU s"
        print(f"{NAME}: {100 * perf.whole / max(1, len(perf.stacks)):.1f} % of {len(perf.stacks)}; {cost}")
    whole, total = bpfcc_system(seconds, frequency)
    print(f"profile-bpfcc: {100 * whole / max(1, total):.1f} % of {total}")


def main(seconds: float, frequency: int, loops: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "a.c").write_text('#include <stdio.h>\nint main(void) { return printf(""); }\n')
        quiet = ["bash", "-c", f"exec >/dev/null 2>&1; {LOOP}"]
        groups = [subprocess.Popen(quiet, cwd=directory, start_new_session=True) for _ in range(loops)]
        try:
            record(WARM_UP_S, 49)
            report(*record(seconds, frequency))
            report_others(seconds, frequency)
        finally:
            for group in groups:
                os.killpg(group.pid, signal.SIGKILL)
                group.wait()


if __name__ == "__main__":
    numbers = [float(text) for text in sys.argv[1:]] + [10.0, 99.0, 2.0][len(sys.argv) - 1 :]
    main(numbers[0], int(numbers[1]), int(numbers[2]))
