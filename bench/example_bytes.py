"""What a histogram's examples with their stacks take, as sent and as kept: `python -m bench.example_bytes` (root; a
minute). Of the two histograms with the most different stacks, while the rest of the machine works.
"""

import time

from bench.histogram_cost import LOADS, READY_S, running
from profiler.agent.probes.histogram_source import HistogramSource
from profiler.core.histogram_batch import decompressed, encode
from profiler.core.histogram_block import pack
from profiler.probes.registry import probe_named

SECONDS = 20
PROBES = ("off_cpu_time", "syscall_latency")


def measure(name: str) -> str:
    probe = probe_named(name)
    source = HistogramSource("bench", probe, probe.values({}))
    sent: list[bytes] = []
    examples = 0
    try:
        time.sleep(READY_S)
        source.follow()
        with running(LOADS[name]):
            while len(sent) < SECONDS:
                time.sleep(source.pause_s)
                for batch in source.take():
                    sent.append(encode(batch))
                    examples += len(batch.exemplars)
    finally:
        source.close()
    kept = len(pack(map(decompressed, sent)))
    return f"| {name} | {examples / SECONDS:,.0f} | {sum(map(len, sent)) / SECONDS:,.0f} | {kept / SECONDS:,.0f} |"


def main() -> None:
    print("| histogram | examples a second | bytes a second, sent | kept |\n|---|---|---|---|")
    for name in PROBES:
        print(measure(name), flush=True)


if __name__ == "__main__":
    main()
