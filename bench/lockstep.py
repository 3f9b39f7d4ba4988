"""Does the sampling clock keep step with what it samples? Programs that change between two functions at several
periods, three quarters of the time in one, are recorded together, again and again; each tells how long it was in which.

    python -m bench.lockstep [RUNS] [SECONDS] [HZ…]      (root, gcc; default 12 runs of 8 s at 99, 199, 499 and 999 Hz)

Deviations are in standard errors of chance: over many runs their mean is near 0 and their spread near 1. Far less is a
clock that walks evenly through the period, far more is lockstep. Last come periods of the sampling clock itself, where
lockstep is what any clock gives.
"""

import math
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from profiler.agent.sampling.recording import Recording
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

WORKLOAD = Path(__file__).resolve().parent.parent / "tests" / "workloads" / "alternate.c"
MILLISECOND = 1_000_000
PERIODS_NS = tuple(MILLISECOND * ms // 10 for ms in (1, 10, 100, 1000, 10_000))


def own_periods(frequency: int) -> tuple[int, int]:
    """As long as between two samples, and three times that."""
    return 10**9 // frequency, 3 * (10**9 // frequency)


def run(binary: Path, periods: tuple[int, ...], seconds: float, frequency: int) -> dict[int, tuple[float, int]]:
    """By period: how many standard errors too much in `heavy`, and samples."""
    programs = {
        period: subprocess.Popen([binary, str(period)], stdout=subprocess.PIPE, text=True) for period in periods
    }
    pids = tuple(program.pid for program in programs.values())
    recording = Recording(RecordingSpec(frequency=frequency, user_only=True, pids=pids), ProfileMeta())
    recording.start()
    for program in programs.values():
        program.send_signal(signal.SIGUSR1)
    time.sleep(seconds)
    recording.halt()
    for program in programs.values():
        program.terminate()
    found = samples(recording.stop())
    deviations = {}
    for period, program in programs.items():
        heavy, light = map(int, program.communicate()[0].split())
        deviations[period] = deviation(
            found[program.pid, "heavy"], found[program.pid, "light"], heavy / (heavy + light)
        )
    return deviations


def samples(profile: Profile) -> Counter[tuple[int, str]]:
    """By process and innermost function."""
    found: Counter[tuple[int, str]] = Counter()
    rows = zip(profile.node.tolist(), profile.thread.tolist(), profile.value.tolist(), strict=True)
    for node, thread, value in rows:
        found[profile.threads[thread].pid, profile.frames[profile.stacks.frame[node]].name] += value
    return found


def deviation(heavy: int, light: int, true_share: float) -> tuple[float, int]:
    count = heavy + light
    error = math.sqrt(count * true_share * (1 - true_share))
    return ((heavy - count * true_share) / error if error else 0.0), count


def main(runs: int, seconds: float, frequencies: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "alternate"
        subprocess.run(["gcc", "-O1", "-o", binary, WORKLOAD], check=True)
        for frequency in frequencies:
            periods = PERIODS_NS + own_periods(frequency)
            results = [run(binary, periods, seconds, frequency) for _ in range(runs)]
            print(f"{frequency} Hz, {runs} runs of {seconds:g} s")
            for period in periods:
                show(period, [result[period] for result in results])


def show(period: int, results: list[tuple[float, int]]) -> None:
    deviations = [one for one, _ in results]
    mean = sum(deviations) / len(deviations)
    spread = math.sqrt(sum(one**2 for one in deviations) / len(deviations))
    count = sum(count for _, count in results)
    largest = max(deviations, key=abs)
    title = f"  {period / MILLISECOND:9.3f} ms"
    print(f"{title}: mean {mean:+5.2f}, spread {spread:5.2f}, largest {largest:+5.1f}, {count} samples", flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 12,
        float(given[1]) if given[1:] else 8,
        list(map(int, given[2:])) or [99, 199, 499, 999],
    )
