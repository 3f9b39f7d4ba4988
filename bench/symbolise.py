"""How much CPU does symbolising one 10 s whole-system profile take, the first time and with warm caches?

    .venv/bin/python -m bench.symbolise [SECONDS] [HZ]      (root, gcc; default 10 s at 99 Hz)

The whole system is recorded beside busy targets (C, bash, perl, node, several Pythons, as far as they are installed),
and each stack is kept. Then the same stacks are named three times more: with a new symbolizer ("first", everything read
and parsed), by a new recording with the same one ("warm"), and by the same recording ("again"). Counted is the CPU time
of this process and its children. "trie" is what making the profile's stacks takes. Beside it: `perf script`, of as
long a recording by perf of the same programs.

The exit code says whether the warm time, scaled to 10 s, is within the limit.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Container
from pathlib import Path
from unittest.mock import patch

import numpy as np

from bench.perf_tool import NAME, is_here, perf_stacks
from bench.process_tree import tree_cpu
from bench.unwind_targets import running, targets
from profiler.agent.sampling import collector
from profiler.agent.sampling.events import StackEvent
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.recording import Recording
from profiler.agent.sampling.stack_namer import NamedStack, StackNamer
from profiler.agent.symbols.modules import has_no_symbol
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.path_trie import FRAME, trie_of
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

WARM_LIMIT_S, LIMIT_SECONDS = 0.3, 10


def main(seconds: float, frequency: int) -> int:
    with tempfile.TemporaryDirectory() as directory, running(targets(Path(directory))) as chosen:
        events = record(seconds, frequency)
        frames = sum(len(event.user) + len(event.kernel) for event in events)
        processes = len({event.task.tgid for event in events})
        print(
            f"{len(events)} stacks of {frames} frames from {processes} processes in {seconds:.0f} s at {frequency} Hz"
        )
        symbolizer, table = Symbolizer(), FrameTable()
        namer = StackNamer(symbolizer, table)
        first = cpu_s("first", chosen, lambda: [namer.name(event) for event in events])
        stacks: list[NamedStack] = []
        warm = cpu_s("warm", chosen, lambda: stacks.extend(map(StackNamer(symbolizer, table).name, events)))
        cpu_s("again", chosen, lambda: [namer.name(event) for event in events])
        if is_here():
            perf = perf_stacks(seconds, frequency)
            print(f"{NAME}: perf script {perf.script_cpu_s:.2f} CPU s to unwind and name {len(perf.stacks)} stacks")
        cpu_s("trie", chosen, lambda: trie_of(list({stack.path for stack in stacks})))
    numbers = [number for stack in stacks for number in np.frombuffer(stack.path, dtype=FRAME).tolist()]
    named = sum(not has_no_symbol(table[number]) for number in numbers)
    shown = len(numbers)
    scaled = warm * LIMIT_SECONDS / seconds
    print(f"{named / shown:.1%} of {shown} frames have a name; {first / warm:.0f} times as much the first time")
    print(f"warm, for {LIMIT_SECONDS} s of samples: {scaled:.2f} CPU s (limit {WARM_LIMIT_S})")
    return 0 if scaled <= WARM_LIMIT_S else 1


def record(seconds: float, frequency: int) -> list[StackEvent]:
    events: list[StackEvent] = []

    class Remembering(StackNamer):
        """Keeps what it was asked for."""

        def name(self, event: StackEvent) -> NamedStack:
            events.append(event)
            return super().name(event)

    recording = Recording(RecordingSpec(frequency=frequency), ProfileMeta())
    with patch.object(collector, "StackNamer", Remembering):
        recording.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # As a session does: each reading has the new stacks of its second.
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))
        recording.poll()
    recording.stop()
    return events


def cpu_s(label: str, others: Container[int], work: Callable[[], object]) -> float:
    """Without what `others` use, children of this process that are being sampled."""
    before, began = tree_cpu(os.getpid(), others), time.monotonic()
    work()
    used = tree_cpu(os.getpid(), others) - before
    print(
        f"{label:<10} {used.total:.2f} CPU s ({used.children:.2f} in children), wall {time.monotonic() - began:.2f} s"
    )
    return used.total


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(float(arguments[0]) if arguments else 10.0, int(arguments[1]) if arguments[1:] else 99))
