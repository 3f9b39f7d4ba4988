"""What counters without BPF cost a host: CPU time of reading /proc each second and of encoding, and bytes to send.

    python -m bench.counters [--seconds 30]

CPU time is the thread's own, user and system, at the agent's pace of one reading a second: what it needs is cold again
each time. "At once" is the same without pauses.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import TypeVar

from profiler.agent.counters import COUNTERS_INTERVAL_S
from profiler.agent.host.counter_reader import CounterReader
from profiler.core.channel import COUNTERS_TTL_S
from profiler.core.counter_batch import CounterBatch, decode, encode
from profiler.core.counters import Row, difference

REPEATED = 200
Result = TypeVar("Result")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    seconds = parser.parse_args().seconds
    reader = CounterReader()
    rows, taken = paced(reader, seconds)
    batches = [rows[i : i + COUNTERS_INTERVAL_S] for i in range(0, len(rows), COUNTERS_INTERVAL_S)]
    encoded, encoding = timed(lambda: [encode(CounterBatch.of("bench", batch)) for batch in batches])
    _, decoding = timed(lambda: [decode(data) for data in encoded])
    _, at_once = timed(lambda: [reader.read() for _ in range(REPEATED)])
    second = sum(taken) / len(taken) + encoding / len(rows)
    print(f"{len(rows[-1].values)} counters")
    print(f"reading: {statistics.median(taken) * 1e3:.2f} ms of CPU (median), {max(taken) * 1e3:.2f} at most")
    print(f"at once: {at_once / REPEATED * 1e3:.2f} ms")
    print(f"encoding: {encoding / len(batches) * 1e3:.2f} ms a batch, decoding {decoding / len(batches) * 1e3:.2f} ms")
    print(f"all of a second: {second * 100:.3f} % of a CPU")
    size = statistics.mean(map(len, encoded))
    hour = size * COUNTERS_TTL_S / COUNTERS_INTERVAL_S
    print(f"{size:.0f} bytes a batch: {hour / 2**20:.1f} MiB for an hour that waits")


def paced(reader: CounterReader, seconds: int) -> tuple[list[Row], list[float]]:
    rows, taken, before = [], [], reader.read()
    for _ in range(seconds):
        time.sleep(1)
        begin = time.thread_time()
        now = reader.read()
        row = difference(before, now)
        taken.append(time.thread_time() - begin)
        before = now
        if row is not None:
            rows.append(row)
    return rows, taken


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begin = time.thread_time()
    result = work()
    return result, time.thread_time() - begin


if __name__ == "__main__":
    main()
