"""Where the CPU time of a recording goes: µs per sample by step, in one process.

    python -m bench.agent_steps [--record SECONDS] [--load SHARE] [--frequency HZ]

Records the load of steady_load.py alone (needs root), reads it as a session does that nobody watches, and prints each
step's own thread time. Steps that contain others are further left. What is not in the table: Celery, heartbeat, Redis.
Mappings are told of the whole system: where others start programs, that step is theirs as well.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bench.steady_load import steady_load
from profiler.agent.cost.malloc import keep_what_is_loaded, return_freed_memory
from profiler.agent.runtimes.registry import Runtimes
from profiler.agent.sampling.collector import Collector
from profiler.agent.sampling.recording import Recording
from profiler.agent.sampling.recording_setup import Running
from profiler.agent.sampling.stack_namer import StackNamer
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core import batch
from profiler.core.channel import UNWATCHED_INTERVAL_S
from profiler.core.merge import Merger
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

# What is read once: programs, tables, the first symbols.
WARM_UP_S = 10.0
STEPS: tuple[tuple[str, type, str], ...] = (
    ("the rings read and named", Collector, "drain"),
    ("  stacks to paths of frames", StackNamer, "name"),
    ("    frames of runtimes merged", Runtimes, "refine"),
    ("  mappings that the kernel told", Symbolizer, "drain_mapping_events"),
    ("new processes met", Running, "meet"),
    ("a profile of counts and paths", Collector, "take"),
)


class Spent:
    """Thread time by step, in ns."""

    def __init__(self) -> None:
        self.ns: defaultdict[str, int] = defaultdict(int)

    def timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            began = time.thread_time_ns()
            try:
                return function(*args, **options)
            finally:
                self.ns[step] += time.thread_time_ns() - began

        return call


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", type=float, default=30)
    parser.add_argument("--load", type=float, default=1.0)
    parser.add_argument("--frequency", type=int, default=99)
    options = parser.parse_args()
    return_freed_memory()
    spent = Spent()
    for step, owner, name in STEPS:
        setattr(owner, name, spent.timed(step, getattr(owner, name)))
    with steady_load(options.load) as pids:
        spec = RecordingSpec(frequency=options.frequency, pids=pids, children=True)
        recording = Recording(spec, ProfileMeta())
        recording.start()
        keep_what_is_loaded()
        try:
            time.sleep(WARM_UP_S)
            recording.poll()
            measure(recording, spent, options.record)
        finally:
            recording.stop()


def measure(recording: Recording, spent: Spent, seconds: float) -> None:
    merger = Merger(ProfileMeta())
    add = spent.timed("added to what came before", merger.add)
    named = spent.timed("names from debug information", recording.named)
    encode = spent.timed("encoded", batch.encode)
    spent.ns.clear()
    before, samples, began = time.process_time_ns(), 0, time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(UNWATCHED_INTERVAL_S)
        part = recording.poll()
        samples += part.quality.samples
        add(part)
        encode(named(part))
    all_ns = time.process_time_ns() - before
    print(f"{samples} samples, {samples / (time.monotonic() - began):.0f} a second; µs of CPU per sample, all threads:")
    for step, ns in ({"all": all_ns} | {step: spent.ns[step] for step in steps(spent)}).items():
        print(f"{ns / 1000 / max(1, samples):8.1f}  {step}")


def steps(spent: Spent) -> list[str]:
    known = [step for step, _, _ in STEPS]
    return [*known, *(step for step in spent.ns if step not in known)]


if __name__ == "__main__":
    main()
