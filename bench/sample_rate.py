"""Do busy CPUs give as many samples as they should, and does a known function get its share?

    .venv/bin/python -m bench.sample_rate [SECONDS] [HZ]      (root, gcc; default 10 s at 99 Hz)

One busy loop is pinned to each CPU. Its function `heavy` does three quarters of the work. Time that the hypervisor took
away (`steal` of /proc/stat) gives no samples and is told beside. The exit code says whether all samples are within 2 %
of what the clock allows and the share within two points.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from profiler.agent.sampling.recording import Recording
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

WORKLOAD = Path(__file__).resolve().parent.parent / "tests" / "workloads" / "busy.c"
HEAVY_SHARE = 0.75
RATE_TOLERANCE, SHARE_TOLERANCE = 0.02, 0.02


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    frequency = int(sys.argv[2]) if len(sys.argv) > 2 else 99
    cpus = sorted(os.sched_getaffinity(0))
    stolen = stolen_s()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as workloads:
        binary = Path(folder) / "busy"
        subprocess.run(["gcc", "-O1", "-fno-omit-frame-pointer", "-o", binary, WORKLOAD], check=True)
        for cpu in cpus:
            process = subprocess.Popen(["taskset", "-c", str(cpu), str(binary)])
            workloads.callback(process.wait)
            workloads.callback(process.kill)
        profile = record(RecordingSpec(frequency=frequency), seconds)
    stolen = stolen_s() - stolen
    exact = profile.meta.duration_ns / 1e9
    expected = frequency * exact * len(cpus)
    heavy, loop = share(profile, "heavy"), share(profile, "turn")
    got = profile.quality.samples
    print(f"{len(cpus)} CPUs, {exact:.2f} s at {frequency} Hz, {stolen:.2f} s stolen by the hypervisor")
    print(f"samples {got} of {expected:.0f} expected: {got / expected - 1:+.2%}; lost {profile.quality.lost_total}")
    print(f"heavy {heavy / loop:.2%} of the loop's samples, {HEAVY_SHARE:.0%} expected")
    in_rate = abs(got / expected - 1) <= RATE_TOLERANCE + stolen / (exact * len(cpus))
    return 0 if in_rate and abs(heavy / loop - HEAVY_SHARE) <= SHARE_TOLERANCE else 1


def record(spec: RecordingSpec, seconds: float) -> Profile:
    recording = Recording(spec, ProfileMeta())
    recording.start()
    time.sleep(seconds)
    return recording.stop()


def share(profile: Profile, function: str) -> int:
    """Samples with this function anywhere in their stack."""
    inside: list[bool] = []
    for parent, frame in zip(profile.stacks.parent.tolist(), profile.stacks.frame.tolist(), strict=True):
        inside.append(profile.frames[frame].name == function or (parent >= 0 and inside[parent]))
    return sum(value for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True) if inside[node])


def stolen_s() -> float:
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
