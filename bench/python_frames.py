"""How many native frames of CPython's loop have their group of Python frames, and what reading them costs in the
kernel, for every Python that is here. A group may have no function, because one is just being entered or left, and the
loop is shown as such: the stricter figure, "with a function", does not count those as matched.

    python -m bench.python_frames [SECONDS] [HZ]
"""

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator
from unittest import mock

from bench.unwind_targets import PYTHON, Target, python_targets, running
from profiler.agent.runtimes import merge, python, registry
from profiler.agent.runtimes.python_loops import PythonLoops
from profiler.agent.runtimes.python_process import InterpreterFinder
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.recording import Recording
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec

Stack = tuple[Frame, ...]
Matches = dict[Stack, tuple[int, int, int]]


def targets() -> list[Target]:
    return [Target("Debian's", ["/usr/bin/python3", "-c", PYTHON]), *python_targets()]


@contextlib.contextmanager
def matches() -> Iterator[Matches]:
    """Native loops with a group, without one, and shown as such, by the user stack that came out."""
    seen: Matches = {}
    tables: list[FrameTable] = []

    def loops(table: FrameTable, finder: InterpreterFinder) -> PythonLoops:
        tables.append(table)
        return PythonLoops(table, finder)

    def counting(*arguments: object, **options: object) -> merge.Merged[int]:
        merged: merge.Merged[int] = merge.merge(*arguments, **options)  # type: ignore[arg-type]
        stack = user_part(tables[-1][number] for number in merged.frames)
        seen[stack] = (merged.matched, merged.unmatched, merged.left_native)
        return merged

    with mock.patch.object(python, "merge", counting), mock.patch.object(python, "PythonLoops", loops):
        yield seen


def user_part(frames: Iterable[Frame]) -> Stack:
    return tuple(frame for frame in frames if frame.kind not in (FrameKind.KERNEL, FrameKind.PLACEHOLDER))


def record(pid: int, seconds: float, frequency: int) -> Profile:
    recording = Recording(RecordingSpec(pids=(pid,), frequency=frequency), ProfileMeta())
    recording.start()
    time.sleep(seconds)
    return recording.stop()


def tally(profile: Profile, seen: Matches) -> tuple[float, float]:
    """Parts of the loops, each as often as it was sampled, that have a group, and that have one with a function."""
    matched = unmatched = native = 0
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        stack = user_part(profile.frames[frame] for frame in profile.stacks.path(node))
        yes, no, as_such = seen.get(stack, (0, 0, 0))
        matched += yes * value
        unmatched += no * value
        native += as_such * value
    loops = max(1, matched + unmatched)
    return matched / loops, 1 - native / loops


def main(seconds: float, frequency: int) -> None:
    print(
        f"| {'Python':<15} | samples | loops matched, with a function | whole, in between | BPF µs a sample, without |"
    )
    for target in targets():
        with running([target]) as names:
            pid = next(iter(names))
            with matches() as seen:
                profile = record(pid, seconds, frequency)
            with mock.patch.object(registry, "RUNTIMES", ()):
                plain = record(pid, seconds, frequency).quality
        matched, with_function = tally(profile, seen)
        quality = profile.quality
        shares = [quality.runtimes.get(name, 0) / max(1, quality.samples) for name in (python.MERGED, python.BETWEEN)]
        cost, cost_without = (part.bpf_ns / 1000 / max(1, part.samples) for part in (quality, plain))
        print(
            f"| {target.name:<15} | {quality.samples:7} | {100 * matched:11.2f} %, {100 * with_function:13.2f} % "
            f"| {100 * shares[0]:10.2f} %, {100 * shares[1]:6.2f} % "
            f"| {cost:14.1f}, {cost_without:14.1f} |"
        )
        others = {name: n for name, n in quality.runtimes.items() if name != python.MERGED}
        print(f"  {others} {dict(quality.outcomes)}")


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:]]
    main(given[0] if given else 4, int(given[1]) if len(given) > 1 else 499)
