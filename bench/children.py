"""How much of a storm of short processes a recording of their parent gets, and what that costs.

    sudo python -m bench.children [CHILDREN]

A shell runs `true` CHILDREN times while it is recorded with `children`. Prints the sampled CPU time beside what the
kernel charged to the shell and its children, the processes met, the share of samples with a control group and with
names, and the BPF time per sample beside that of a recording of the whole system.
"""

import os
import subprocess
import sys
import time

from profiler.agent.sampling.recording import Recording
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

PERIOD_NS = 1_001_001
LOOP = "read; for ((i = 0; i < $1; i++)); do /bin/true; done"


def storm(children: int, spec: RecordingSpec | None = None) -> tuple[Profile, float]:
    """What was recorded, and the CPU seconds charged while it was. Without a spec the shell and its children."""
    with subprocess.Popen(["bash", "-c", LOOP, "bash", str(children)], stdin=subprocess.PIPE) as shell:
        recording = Recording(spec or RecordingSpec(count=PERIOD_NS, pids=(shell.pid,), children=True), ProfileMeta())
        recording.start()
        assert shell.stdin is not None
        shell.stdin.write(b"\n")
        shell.stdin.close()
        _, status, usage = os.wait4(shell.pid, 0)
        shell.returncode = os.waitstatus_to_exitcode(status)
    return recording.stop(), usage.ru_utime + usage.ru_stime


def share(profile: Profile, holds: "list[bool]") -> float:
    """Part of the value of samples whose row holds."""
    total = sum(profile.value.tolist())
    return sum(value for value, yes in zip(profile.value.tolist(), holds, strict=True) if yes) / max(total, 1)


def main() -> None:
    children = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    storm(10)  # compiles, and gets to know the files
    began = time.monotonic()
    profile, charged = storm(children)
    seconds = time.monotonic() - began
    threads = [profile.threads[number] for number in profile.thread.tolist()]
    leaves = [profile.frames[profile.stacks.frame[node]] for node in profile.node.tolist()]
    print(f"{children} processes in {seconds:.1f} s; {len({thread.pid for thread in threads})} of them were sampled")
    print(f"sampled {profile.total * PERIOD_NS / 1e9:.2f} s of CPU, the kernel charged {charged:.2f} s")
    print(f"with a control group: {share(profile, [bool(thread.cgroup) for thread in threads]):.1%}")
    print(f"with a name: {share(profile, [leaf.kind is not FrameKind.PLACEHOLDER for leaf in leaves]):.1%}")
    whole, _ = storm(children, RecordingSpec(count=PERIOD_NS))
    for name, each in (("with children", profile), ("whole system", whole)):
        print(f"BPF time per sample, {name}: {each.quality.bpf_ns / max(each.quality.samples, 1) / 1000:.2f} µs")
    print(f"skipped: {dict(profile.quality.skipped)}, lost: {dict(profile.quality.lost)}")


if __name__ == "__main__":
    main()
