"""What a counted event costs the process that it happens to, of the probes that count by process.

    python -m bench.probe_counts [--calls 200000]        (needs root)

The kernel's own run-time statistics: the time in the program over the runs of it, without what entering a tracepoint
takes. The loads are loops of one process.
"""

import argparse
import mmap
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable

from profiler.agent.kernel import bpf_syscall
from profiler.agent.probes.counts import CountSource
from profiler.core.event_batch import EventBatch
from profiler.probes.registry import probe_named

PAGE = 4096
BLOCK = 65_536


def system_calls(count: int) -> None:
    for _ in range(count):
        os.getppid()


def page_faults(count: int) -> None:
    memory = mmap.mmap(-1, count * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_NOHUGEPAGE)
    for at in range(0, count * PAGE, PAGE):
        memory[at] = 1


def datagrams(count: int) -> None:
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    other.bind(("127.0.0.1", 0))
    one.connect(other.getsockname())
    for _ in range(count // 2):
        one.send(b"1")
        other.recv(1)


def naps(count: int) -> None:
    for _ in range(count):
        time.sleep(1e-6)


def file_reads(count: int) -> None:
    with tempfile.TemporaryFile(dir="/var/tmp") as file:
        file.write(bytes(BLOCK))
        file.flush()
        for _ in range(count):
            os.pread(file.fileno(), BLOCK, 0)


# Each with what it counts. A read is two events: its pages, and its end.
LOADS: dict[str, tuple[Callable[[int], None], str, int]] = {
    "syscall_counts": (system_calls, "calls", 1),
    "fault_counts": (page_faults, "writes", 1),
    "socket_bytes": (datagrams, "sends", 1),
    "switch_counts": (naps, "voluntary", 1),
    "page_cache": (file_reads, "pages", BLOCK // PAGE),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200_000)
    calls = parser.parse_args().calls
    statistics = bpf_syscall.enable_run_time_stats()
    for name, (load, column, each) in LOADS.items():
        load_process = multiprocessing.Process(target=load, args=(calls,))
        probe = probe_named(name)
        source = CountSource("bench", probe, probe.values({}))
        load_process.start()
        load_process.join()
        batches = source.take()
        counted = total(batches, load_process.pid or 0, column) // each
        print(f"{name}: {source.run_time_ns() / calls:.0f} ns for each of {counted:,}")
        source.close()
    os.close(statistics)


def total(batches: list[EventBatch], pid: int, column: str) -> int:
    return sum(
        int(value)
        for batch in batches
        for owner, value in zip(batch.columns["pid"], batch.columns[column], strict=True)
        if owner == pid
    )


if __name__ == "__main__":
    main()
