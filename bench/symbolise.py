"""How much CPU does symbolising one 10 s whole-system profile take, the first time and with warm caches?

    .venv/bin/python -m bench.symbolise [SECONDS] [HZ]      (root, gcc; default 10 s at 99 Hz)

The whole system is recorded beside busy targets (C, bash, perl, node, several Pythons, as far as they are installed),
with a symbolizer that keeps each stack it is asked for. Then the same stacks are symbolised twice more: by a new
symbolizer ("first", everything read and parsed) and by the same one again ("warm"). Counted is the CPU time of this
process and its children. "interning" is what making a profile of the frames takes.

The exit code says whether the warm time, scaled to 10 s, is within the limit.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Container
from pathlib import Path

from bench.process_tree import tree_cpu
from bench.unwind_targets import running, targets
from profiler.agent.events import StackEvent
from profiler.agent.recording import Recording
from profiler.agent.symbols.modules import has_no_symbol
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

WARM_LIMIT_S, LIMIT_SECONDS = 0.3, 10


class Remembering(Symbolizer):
    """Keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[StackEvent] = []

    def stack(self, event: StackEvent, *, want_user: bool = True, want_kernel: bool = True) -> list[Frame]:
        self.events.append(event)
        return super().stack(event, want_user=want_user, want_kernel=want_kernel)


def main(seconds: float, frequency: int) -> int:
    with tempfile.TemporaryDirectory() as directory, running(targets(Path(directory))) as chosen:
        events = record(seconds, frequency)
        frames = sum(len(event.user) + len(event.kernel) for event in events)
        processes = len({event.task.tgid for event in events})
        print(
            f"{len(events)} stacks of {frames} frames from {processes} processes in {seconds:.0f} s at {frequency} Hz"
        )
        symbolizer = Symbolizer()
        first = cpu_s("first", chosen, lambda: [symbolizer.stack(event) for event in events])
        stacks: list[list[Frame]] = []
        warm = cpu_s("warm", chosen, lambda: stacks.extend(symbolizer.stack(event) for event in events))
        cpu_s("interning", chosen, lambda: intern(stacks))
    named = sum(not has_no_symbol(frame) for found in stacks for frame in found)
    shown = sum(map(len, stacks))
    scaled = warm * LIMIT_SECONDS / seconds
    print(f"{named / shown:.1%} of {shown} frames have a name; {first / warm:.0f} times as much the first time")
    print(f"warm, for {LIMIT_SECONDS} s of samples: {scaled:.2f} CPU s (limit {WARM_LIMIT_S})")
    return 0 if scaled <= WARM_LIMIT_S else 1


def record(seconds: float, frequency: int) -> list[StackEvent]:
    symbolizer = Remembering()
    recording = Recording(RecordingSpec(frequency=frequency), ProfileMeta(), symbolizer)
    recording.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # As a session does: each reading has the new stacks of its second.
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))
        recording.poll()
    recording.stop()
    return symbolizer.events


def intern(stacks: list[list[Frame]]) -> None:
    builder = ProfileBuilder(ProfileMeta())
    for frames in stacks:
        builder.add(builder.stack([builder.frame(frame) for frame in frames]), 1)
    builder.build()


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
