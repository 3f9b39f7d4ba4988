"""What each sample's time and CPU cost: in the kernel, in the agent, and in the stored profile.

    .venv/bin/python -m bench.timestamps [ROUNDS]      (root, gcc; default 6 rounds of a second each way)

The sampling program runs in turns with and without times (-DNO_TIMES) while every CPU is busy, and the kernel's own
account of its run time is compared. Stored size: one whole-system recording encoded with and without its times,
and with times but without CPUs.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.sample_rate import WORKLOAD, record
from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.program_source import ProgramOptions
from profiler.agent.sampling.events import CPU_BITS, SAMPLE_TIME, TIME_SHIFT
from profiler.agent.sampling.filters import program_options, write_config
from profiler.agent.sampling.sample_times import SampleTimes
from profiler.core import batch
from profiler.core.spec import RecordingSpec
from profiler.core.times import Times, TimesBuilder, no_cpus

FREQUENCY_HZ = 999
# The ring is not read meanwhile: its times must fit.
RING_BYTES = 16 << 20
READ_SAMPLES = 100_000
STORED = ((19, 20.0), (99, 10.0), (999, 4.0))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    with tempfile.TemporaryDirectory() as folder, ExitStack() as workloads:
        binary = Path(folder) / "busy"
        subprocess.run(["gcc", "-O1", "-fno-omit-frame-pointer", "-o", binary, WORKLOAD], check=True)
        for cpu in sorted(os.sched_getaffinity(0)):
            process = subprocess.Popen(["taskset", "-c", str(cpu), str(binary)])
            workloads.callback(process.wait)
            workloads.callback(process.kill)
        print(kernel_cost(rounds))
        print(reading_cost())
        for frequency, seconds in STORED:
            print(stored_size(frequency, seconds))


def kernel_cost(rounds: int) -> str:
    """Run time per sample with and without times, in turns of a second."""
    spec = RecordingSpec(frequency=FREQUENCY_HZ)
    options = program_options(spec, None, RING_BYTES)
    without = ProgramOptions(options.switches | {"NO_TIMES"}, options.sizes)
    stats = bpf_syscall.enable_run_time_stats()
    programs = [SamplingProgram(options), SamplingProgram(without)]
    for program in programs:
        write_config(program, spec, 0)
    for _ in range(rounds):
        for program in programs:
            program.attach(frequency=FREQUENCY_HZ)
            time.sleep(1)
            program.detach()
    with_ns, without_ns = (program.run_time_ns() / run_count(program) for program in programs)
    runs = run_count(programs[0])
    for program in programs:
        program.close()
    os.close(stats)
    return (
        f"kernel: {with_ns:.0f} ns per sample with its time, {without_ns:.0f} without: {with_ns - without_ns:+.0f} ns "
        f"({runs} samples each way)"
    )


def run_count(program: SamplingProgram) -> int:
    lines = Path(f"/proc/self/fdinfo/{program.program_fd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("run_cnt:"))


def reading_cost() -> str:
    """The agent's CPU time from records to a profile's times."""
    hashes = np.arange(1000, dtype=np.uint64) * 2
    stack = np.arange(len(hashes), dtype=np.int32)
    records = np.zeros(READ_SAMPLES, SAMPLE_TIME)
    records["when"] = (np.arange(READ_SAMPLES) * 10_000 >> TIME_SHIFT) << CPU_BITS | np.arange(READ_SAMPLES) % 64
    records["key"] = np.random.default_rng(1).choice(hashes, READ_SAMPLES)
    began = time.process_time()
    times = SampleTimes()
    for part in np.array_split(records, 100):
        times.add(part[part["key"] & 1 == 0])
    builder = TimesBuilder()
    times.tell(builder, hashes, stack, stack, 0)
    made = builder.build(np.column_stack([stack, stack]), 0)
    each_ns = (time.process_time() - began) / len(made) * 1e9
    return f"agent: {each_ns:.0f} ns of CPU per sample to read, match and sort ({len(made)} samples)"


def stored_size(frequency: int, seconds: float) -> str:
    profile = record(RecordingSpec(frequency=frequency), seconds)
    no_cpu = replace(profile.times, cpu=no_cpus(len(profile.times)))
    kept = (profile.times, no_cpu, Times.none())
    whole, timed, bare = (len(batch.encode(replace(profile, times=times))) for times in kept)
    samples = len(profile.times)
    return (
        f"stored, {frequency} Hz x {seconds:g} s: {whole} bytes with times, {bare} without: "
        f"{(whole - bare) / samples:.2f} bytes per sample, {(whole - timed) / samples:.2f} of them the CPU "
        f"({samples} times of {profile.total} samples, {len(profile)} different stacks and threads)"
    )


if __name__ == "__main__":
    main()
