"""How many user stacks reach the entry of the process or thread: ours, `profile-bpfcc -f` and `perf record
--call-graph dwarf`, one after another on the same running programs.

    python -m bench.unwind_coverage [SECONDS] [HZ]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.perf_tool import ENTRIES, is_here, perf_stacks
from bench.perf_tool import NAME as PERF
from bench.unwind_targets import running, targets
from profiler.agent.kernel.program_source import BPF_DIRECTORY
from profiler.agent.sampling.recording import Recording
from profiler.core.batch import encode
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec


class Tally(NamedTuple):
    """Samples with user frames, those that reach an entry, and user frames, each by pid."""

    samples: Counter[int]
    whole: Counter[int]
    frames: Counter[int]

    @classmethod
    def of(cls, stacks: Iterable[tuple[int, list[str], int]]) -> "Tally":
        """`stacks`: pid, user functions root first, count."""
        tally = cls(Counter(), Counter(), Counter())
        for pid, functions, count in stacks:
            if functions:
                tally.samples[pid] += count
                tally.frames[pid] += count * len(functions)
                tally.whole[pid] += count * (functions[0] in ENTRIES)
        return tally


def ours(pids: list[int], seconds: float, frequency: int) -> tuple[Tally, Profile]:
    recording = Recording(RecordingSpec(pids=tuple(pids), frequency=frequency), ProfileMeta())
    recording.start()
    time.sleep(seconds)
    profile = recording.stop()
    rows = zip(profile.node.tolist(), profile.thread.tolist(), profile.value.tolist(), strict=True)
    stacks = []
    for node, thread, value in rows:
        frames = [profile.frames[frame] for frame in profile.stacks.path(node)]
        user = [frame.name for frame in frames if frame.kind not in (FrameKind.KERNEL, FrameKind.PLACEHOLDER)]
        stacks.append((profile.threads[thread].pid, user, value))
    return Tally.of(stacks), profile


def kernel_source(directory: Path) -> Path:
    """Headers just large enough for profile-bpfcc: most machines have none that fit their kernel."""
    shutil.copytree(BPF_DIRECTORY / "include", directory / "include")
    for name in ("ptrace.h", "bpf_perf_event.h"):
        (directory / "include/uapi/linux" / name).write_text("#include <asm/ptrace.h>\n")
    macros = ("__PAGE_OFFSET_BASE 0xffff888000000000UL", "PAGE_OFFSET __PAGE_OFFSET_BASE", "roundup_pow_of_two(n) (n)")
    (directory / "include/linux/sched.h").write_text("".join(f"#define {macro}\n" for macro in macros))
    return directory


def bpfcc(pids: list[int], seconds: float, frequency: int) -> Tally:
    """A run for each target: the folded lines of a common run do not tell whose they are."""
    found = []
    for pid in pids:
        stacks = bpfcc_stacks(max(1, round(seconds / 3)), frequency, "-p", str(pid))
        found += [(pid, functions, count) for functions, count in stacks]
    return Tally.of(found)


def bpfcc_system(seconds: float, frequency: int) -> tuple[int, int]:
    """Samples of the whole system with user frames that reach an entry, and all that have any."""
    stacks = [(functions, count) for functions, count in bpfcc_stacks(round(seconds), frequency) if functions]
    whole = sum(count for functions, count in stacks if functions[0] in ENTRIES)
    return whole, sum(count for _, count in stacks)


def bpfcc_stacks(seconds: int, frequency: int, *whom: str) -> list[tuple[list[str], int]]:
    """User functions root first, count."""
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {"BCC_KERNEL_SOURCE": str(kernel_source(Path(directory) / "source"))}
        command = ["profile-bpfcc", "-f", "-U", "-F", str(frequency), *whom, str(seconds)]
        output = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    lines = [line.rpartition(" ") for line in output.splitlines()]
    # The first is the process's name.
    return [(stack.split(";")[1:], int(count)) for stack, _, count in lines if count.isdecimal()]


def perf(pids: list[int], seconds: float, frequency: int) -> tuple[Tally, int]:
    """And the bytes that perf wrote."""
    found = perf_stacks(seconds, frequency, pids)
    return Tally.of((pid, functions, 1) for pid, functions in found.stacks), found.bytes


def print_cost(what: str, tally: Tally, profile: Profile) -> None:
    quality = profile.quality
    depth = sum(tally.frames.values()) / max(1, sum(tally.samples.values()))
    us = quality.bpf_ns / max(1, quality.samples) / 1000
    print(
        f"BPF, {what}: {us:.1f} µs per sample, {1000 * us / max(1, depth):.0f} ns for each of {depth:.0f} frames",
        end="",
    )
    print(f", {us / max(1, depth) * 40:.1f} µs for 40 frames")


def main(seconds: float, frequency: int) -> None:
    with tempfile.TemporaryDirectory() as directory, running(targets(Path(directory))) as names:
        pids = list(names)
        mine, profile = ours(pids, seconds, frequency)
        native, native_profile = ours(pids[:1], seconds / 3, frequency)  # the C program, some 45 frames deep
        dwarf, written = perf(pids, seconds, frequency) if is_here() else (Tally.of(()), 0)
        others = {PERF: dwarf, "profile-bpfcc": bpfcc(pids, seconds, frequency)}
    tallies = {"webprof": mine} | others
    print(f"| {'target':<22} |" + "".join(f" {tool:>26} |" for tool in tallies))
    for pid, name in names.items():
        cells = []
        for tally in tallies.values():
            samples = tally.samples[pid]
            share = 100 * tally.whole[pid] / max(1, samples)
            cells.append(f"{share:6.2f} % of {samples:5d}, ø {tally.frames[pid] / max(1, samples):3.0f}")
        print(f"| {name:<22} |" + "".join(f" {cell:>26} |" for cell in cells))
    print(f"outcomes: {dict(profile.quality.outcomes)}  lost: {dict(profile.quality.lost)}")
    print_cost("C program alone", native, native_profile)
    print_cost("all, with Python's functions", mine, profile)
    batch = len(encode(profile))
    dumped = written / max(1, sum(dwarf.samples.values()))
    print(f"perf wrote {dumped:.0f} bytes per sample; our profile has {batch / max(1, profile.total):.0f}")


if __name__ == "__main__":
    arguments = [float(text) for text in sys.argv[1:]]
    main(arguments[0] if arguments else 10, int(arguments[1]) if len(arguments) > 1 else 199)
