"""What one event of each histogram takes in BPF, and one reading of its table: `python -m bench.histogram_cost` (root),
of all or of those that are named.

The kernel measures the run time of the probe's programs while known loads and the rest of the machine make events;
that time, over the events that were counted, is the cost of one. What was passed over (a filter, a pipe that is no
file) is paid for too, so it is in the cost, as are the stacks of examples, which the agent names when it reads the
table. Two minutes.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from profiler.agent.kernel import bpf_syscall
from profiler.agent.probes.histogram_source import HistogramSource
from profiler.core.probe import Emits
from profiler.probes.registry import all_probes

SECONDS = 5
# For what the host runs to be known.
READY_S = 2
_FOREVER = "import os, socket, sys, threading, time\n"
_UDP = "a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))\nb.bind(('127.0.0.1', 0))\n"
_SERVER = "server = socket.create_server(('127.0.0.1', 0), backlog=64)\nplace = server.getsockname()\n"
_SWITCHES = "while True: time.sleep(0.0002)"
_FILES = (
    "file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
    "while True: os.pwrite(file, b'x', 0), os.pread(file, 1, 0), os.fsync(file)"
)
_CONNECTS = f"{_SERVER}while True: c = socket.create_connection(place); s, _ = server.accept(); c.close(); s.close()"
_TALKS = f"{_SERVER}c = socket.create_connection(place)\ns, _ = server.accept()\nwhile True: c.send(b'x'), s.recv(1)"
_ASKS = (
    "q = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "s.bind(('127.0.0.153', 53))\n"
    "while True:\n"
    "    q.sendto(bytes(12), ('127.0.0.153', 53)); m, who = s.recvfrom(99)\n"
    "    s.sendto(m[:2] + b'\\x81\\x80' + m[4:], who); q.recv(99)"
)
LOADS = {
    "block_latency": _FILES,
    "dns_latency": _ASKS,
    "file_latency": _FILES,
    "hardirq_time": _FILES,
    "off_cpu_time": _SWITCHES,
    "on_cpu_time": _SWITCHES,
    "run_queue_latency": _SWITCHES,
    "softirq_time": f"{_UDP}while True: a.sendto(b'x', b.getsockname()), b.recv(1)",
    "syscall_latency": "while True: os.getppid()",
    "tcp_connect_latency": _CONNECTS,
    "tcp_rtt": _TALKS,
}


@contextmanager
def running(code: str) -> Iterator[None]:
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
        process = subprocess.Popen([sys.executable, "-S", "-c", _FOREVER + code, file.name])
        try:
            yield
        finally:
            process.kill()
            process.wait()


def measure(name: str) -> str:
    """A row of the table in docs/overhead.md."""
    probe = all_probes()[name]
    source = HistogramSource("bench", probe, probe.values({}))
    events, lost, reading_ns, stacks = 0, 0, 0, 0
    try:
        time.sleep(READY_S)
        source.follow()
        with running(LOADS[name]):
            for _ in range(SECONDS):
                time.sleep(1)
                began = time.thread_time_ns()
                batches = source.take()
                reading_ns = max(reading_ns, time.thread_time_ns() - began)
                events += sum(batch.events for batch in batches)
                lost += sum(sum(batch.lost.values()) for batch in batches)
                stacks += sum(example.stack is not None for batch in batches for example in batch.exemplars)
            events += sum(batch.events for batch in source.finish())
        bpf_ns = source.run_time_ns()
    finally:
        source.close()
    cost = f"{bpf_ns / max(1, events):,.0f} | {reading_ns / 1e6:.1f}"
    return f"| {name} | {events:,} | {lost:,} | {stacks:,} | {cost} |"


def main() -> None:
    statistics = bpf_syscall.enable_run_time_stats()
    print("| probe | events | lost | stacks | in BPF, ns an event | reading the table, ms |\n|---|---|---|---|---|---|")
    for probe in all_probes().values():
        if probe.emits is Emits.HISTOGRAM and (not sys.argv[1:] or probe.name in sys.argv[1:]):
            print(measure(probe.name), flush=True)
    os.close(statistics)


if __name__ == "__main__":
    main()
