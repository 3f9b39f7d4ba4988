"""What one event costs the program that makes it, for each probe of stacks at events.

    .venv/bin/python -m bench.event_cost [PROBE…]      (root, gcc; half a minute for all)

A program makes a known number of events in turns, with the probe and without. What it takes longer, by its own clock of
CPU time or, where it waits, by the kernel's run time of the probe's programs, is divided by the number of events. The
least of the turns counts: other work on the machine only adds. Rows for docs/overhead.md are printed.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from profiler.agent.sampling.recording import Recording
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

WORKLOAD = Path(__file__).resolve().parent.parent / "tests" / "workloads" / "events.c"
TURNS = 5
HEAD = (
    "| probe | events | without, ns | with, ns | cost of one event, ns | of it in BPF, ns |\n|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Load:
    """What workloads/events.c does, how often, and how many events that is. `waits`: its time says nothing."""

    what: str
    count: int
    argument: str = "-"
    parameters: tuple[tuple[str, str], ...] = ()
    waits: bool = False


def loads(binary: Path, file: Path) -> dict[str, Load]:
    return {
        "page_faults": Load("touch", 20_011),
        "block_io": Load("read", 499, str(file), waits=True),
        "futex_waits": Load("futex", 997, "0"),
        "lock_contention": Load("contend", 23, str(file), waits=True),
        "memory_growth": Load("map", 20_011, "4096"),
        "syscalls": Load("call", 100_003),
        "tracepoint": Load("call", 100_003, parameters=(("event", "syscalls:sys_enter_getppid"),)),
        "function": Load("enter", 50_021, parameters=(("file", str(binary)), ("function", "called"))),
        "usdt": Load("probe", 50_021, parameters=(("file", str(binary)), ("name", "webprof:passed"))),
        "allocations": Load("allocate", 20_011, "1009"),
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        binary, file = Path(folder) / "events", Path(folder) / "file"
        subprocess.run(["gcc", "-O1", "-pthread", "-fno-omit-frame-pointer", "-o", binary, WORKLOAD], check=True)
        file.write_bytes(bytes(499 * 4096))
        all_loads = loads(binary, file)
        print(HEAD)
        for probe in sys.argv[1:] or all_loads:
            print(measured(binary, probe, all_loads[probe]), flush=True)
    return 0


def measured(binary: Path, probe: str, load: Load) -> str:
    """A row of the table."""
    with running(binary) as process:
        does(process, load)
        without = min(does(process, load) for _ in range(TURNS)) / load.count
        spec = RecordingSpec(probe=probe, pids=(process.pid,), parameters=dict(load.parameters))
        recording = Recording(spec, ProfileMeta())
        recording.start()
        does(process, load)
        first = recording.poll().quality
        beside = min(does(process, load) for _ in range(TURNS)) / load.count
        rest = recording.stop().quality
    events = rest.samples + rest.lost_total
    in_bpf = rest.bpf_ns / max(1, rest.samples)
    cost = in_bpf if load.waits else beside - without
    lost = f" ({first.lost_total + rest.lost_total} lost)" if first.lost_total + rest.lost_total else ""
    return f"| {probe} | {events:,}{lost} | {without:,.0f} | {beside:,.0f} | {cost:,.0f} | {in_bpf:,.0f} |"


@contextmanager
def running(binary: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen([str(binary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def does(process: "subprocess.Popen[str]", load: Load) -> int:
    """Let it; how long it took, ns."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{load.what} {load.count} {load.argument}\n")
    process.stdin.flush()
    return int(process.stdout.readline().split()[0])


if __name__ == "__main__":
    sys.exit(main())
