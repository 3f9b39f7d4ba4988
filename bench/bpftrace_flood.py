"""What a flood costs the agent: printf lines as fast as a program can print them, and the reading of output alone.

    python -m bench.bpftrace_flood            as root, where bpftrace is installed; about a minute

First the parser with lines that lie in memory, then a real program that prints at each call of a function.
"""

import json
import resource
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

import redis

from profiler.agent.bpftrace.publisher import LiveResults
from profiler.agent.bpftrace.session import ProgramSession
from profiler.agent.delivery.spool import Spool
from profiler.core.bpftrace.channel import BpftraceMessage
from profiler.core.bpftrace.collector import Collector
from profiler.core.bpftrace.results import ProgramReport, decode

LINES = 1_000_000
STACKS = 4096
CHUNK = 65_536
CALLS = 5_000_011  # prime
SECONDS = 20
HITS = Path(__file__).parent.parent / "tests" / "workloads" / "hits.c"
NO_REDIS = redis.Redis(unix_socket_path="/nowhere/redis.sock")


def parsed(name: str, output: bytes) -> None:
    collector = Collector("")
    began = time.process_time()
    for place in range(0, len(output), CHUNK):
        collector.feed(output[place : place + CHUNK], 0)
    took = time.process_time() - began
    print(f"{name}: {len(output) / 2**20:.1f} MiB in {took:.3f} CPU s, {len(output) / 2**20 / took:.0f} MiB/s")
    printed = collector.results().printed
    if printed.seen:
        print(f"  {printed.seen:,} lines, {1e9 * took / printed.seen:.0f} ns each, {printed.over_rate:,} over the rate")


def flood(directory: Path) -> tuple[ProgramReport, float, float]:
    """The report, and CPU seconds of this process and of bpftrace."""
    binary = directory / "hits"
    subprocess.run(["gcc", "-O1", "-o", binary, HITS], check=True)
    program = f'uprobe:{binary}:hit {{ @n = count(); printf("hit number %d of very many\\n", arg0); }}'
    asked = BpftraceMessage(run=str(uuid.uuid4()), program=program, duration_s=SECONDS)
    spool = Spool(directory / "spool")
    session = ProgramSession("here", asked, LiveResults(NO_REDIS, lambda: None), spool)
    own = time.process_time()
    thread = threading.Thread(target=session.run)
    thread.start()
    with subprocess.Popen([binary, str(CALLS)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as load:
        assert load.stdin is not None
        while thread.is_alive():
            time.sleep(0.5)
            load.stdin.write(b"\n")
            load.stdin.flush()
        load.kill()
    found = spool.oldest()
    assert found is not None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return decode(found[1].batch or b""), time.process_time() - own, used.ru_utime + used.ru_stime


def main() -> None:
    parsed(
        "a million lines in one second", b'{"type": "printf", "data": "hit number 123456 of very many\\n"}\n' * LINES
    )
    stacks = {
        "".join(f"\n    function_{key}_{depth}+12" for depth in range(30)) + "\n,web": key for key in range(STACKS)
    }
    parsed(f"{STACKS:,} stacks", json.dumps({"type": "map", "data": {"@": stacks}}).encode() + b"\n")
    with tempfile.TemporaryDirectory() as directory:
        report, own, children = flood(Path(directory))
    printed = report.results.printed
    calls = report.results.maps[0].rows[0][1]
    print(f"a real flood of {report.elapsed_s:.0f} s: {report.state.value}, {calls:,} calls counted")
    print(f"  {printed.seen:,} lines came, {len(printed.text):,} kept, {printed.lost:,} lost as bpftrace counts")
    print(f"  agent {own:.2f} CPU s; compiler, bpftrace and the load {children:.1f} CPU s")
    print(f"  peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
