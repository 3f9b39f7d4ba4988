"""What waits cost: time of the programs for each event, and how a pair of threads that wake each other slows down.

    python -m bench.waits [SECONDS]

Two processes send each other a byte through pipes: a round is two wake-ups and two waits, all that they do.
"""

import os
import sys
import time
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection

from profiler.agent.sampling.recording import Recording
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

PROBES = ("off_cpu", "run_queue", "wakeups", "wall")


def _answer(end: Connection) -> None:
    while True:
        end.send_bytes(end.recv_bytes())


def _rounds(end: Connection, seconds: float) -> float:
    """A second."""
    began, done = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        end.send_bytes(b"x")
        end.recv_bytes()
        done += 1
    return done / (time.monotonic() - began)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    ours, theirs = Pipe()
    other = Process(target=_answer, args=(theirs,), daemon=True)
    other.start()
    pids = (os.getpid(), other.pid or 0)
    for probe in PROBES:
        before = _rounds(ours, seconds)
        recording = Recording(RecordingSpec(probe=probe, pids=pids), ProfileMeta())
        recording.start()
        during = _rounds(ours, seconds)
        quality = recording.stop().quality
        slower = 1e9 / during - 1e9 / before
        print(
            f"{probe}: {quality.bpf_ns / quality.samples:,.0f} ns of program an event, {quality.samples:,} events, "
            f"{quality.lost_total} lost; a round {before:,.0f} → {during:,.0f} a second ({slower:,.0f} ns longer)"
        )
    other.kill()


if __name__ == "__main__":
    main()
