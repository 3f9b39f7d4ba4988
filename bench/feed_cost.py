"""What each event of a feed costs the program that causes it.

    python -m bench.feed_cost [probe ...]

A process causes a known number of events. "BPF" is the time that the kernel measured in the probe's programs, "CPU" how
much more CPU time the process took with the probe than without, both for one event; the least of several rounds each,
with the probe and without by turns. Prints the table of docs/overhead.md.
"""

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from profiler.agent.kernel.bpf_syscall import enable_run_time_stats
from profiler.agent.probes.events import EventSource
from profiler.core.probe import Value
from profiler.probes.registry import probe_named

ROUNDS = 3
# Without a disk: what the file system does would hide what the probe adds.
IN_MEMORY = Path("/dev/shm")  # noqa: S108 a directory of this bench's own is made there
LOAD = "wp-cost-bench"
START = f"import ctypes, os, signal, sys, mmap, _thread\nopen('/proc/self/comm', 'w').write({LOAD!r})\n"


@dataclass(frozen=True)
class Load:
    """Python code that causes `events` of `probe`; `sent`: how many of them are sent."""

    probe: str
    events: int
    code: str
    values: dict[str, Value] = field(default_factory=lambda: {"comm": LOAD})
    what: str = "event"
    sends: bool = True
    on_disk: bool = False


OPENS = "for _ in range(20000): os.close(os.open('file', os.O_RDWR | os.O_CREAT))"
STATS = "for _ in range(20000): os.access('missing', 0)"
FILES = "for _ in range(5000): os.mkdir('directory'), os.rmdir('directory')"
SIGNALS = "signal.signal(10, signal.SIG_IGN)\nfor _ in range(50000): os.kill(os.getpid(), 10)"
THREADS = """
done = _thread.allocate_lock()
for _ in range(5000):
    done.acquire()
    _thread.start_new_thread(done.release, ())
"""
EXECS = "for _ in range(150): os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)"
CHROOTS = "for _ in range(50000): os.chroot('/')"
MOUNTS = """
libc = ctypes.CDLL(None)
libc.unshare(0x20000), libc.mount(b"none", b"/", None, 0x44000, None)
for _ in range(500): libc.umount2(b"/nowhere", 0)
"""
READS = """
file = os.open("file", os.O_RDWR | os.O_CREAT)
os.write(file, bytes(4096))
for _ in range(50000): os.pread(file, 100, 0)
"""
BLOCKS = """
file = os.open("file", os.O_RDWR | os.O_CREAT | os.O_DIRECT)
room = mmap.mmap(-1, 4096)
for _ in range(300): os.pwritev(file, [room], 0)
"""
LOADS = (
    Load("execs", 300, EXECS, {}),
    Load("opens", 20000, OPENS),
    Load("stats", 20000, STATS),
    Load("file_changes", 10000, FILES),
    Load("signals", 50000, SIGNALS),
    Load("threads", 5000, THREADS),
    Load("privileges", 50000, CHROOTS, {"comm": LOAD, "each": True}),
    Load("privileges", 50000, CHROOTS, {"comm": LOAD}, "use that was told before", sends=False),
    Load("mounts", 500, MOUNTS),
    Load("slow_file_io", 50000, READS, {"comm": LOAD, "min_us": 0}),
    Load("slow_file_io", 50000, READS, {"comm": LOAD}, "call that is fast enough", sends=False),
    Load("slow_block_io", 300, BLOCKS, {"min_us": 0}, on_disk=True),
)


def cpu_ns(code: str, directory: Path) -> int:
    """Of a process that runs the code, its children included."""
    process = Popen([sys.executable, "-S", "-c", START + code], cwd=directory)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the load failed: {code}")
    return int((used.ru_utime + used.ru_stime) * 1e9)


def watched(load: Load, directory: Path) -> tuple[int, int, int]:
    """CPU time of the load and BPF time of the probe in ns, events that came."""
    probe = probe_named(load.probe)
    source = EventSource("bench", probe, probe.values(load.values), hides_private=False)
    try:
        used = cpu_ns(load.code, directory)
        bpf_ns = source.run_time_ns()
        batches = source.finish()
    finally:
        source.close()
    return used, bpf_ns, sum(len(batch) + sum(batch.lost.values()) for batch in batches)


def row(load: Load) -> str:
    without, with_probe, bpf = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() and not load.on_disk else None) as name:
            without.append(cpu_ns(load.code, Path(name)))
            used, bpf_ns, events = watched(load, Path(name))
        if load.sends and events < load.events:
            sys.exit(f"{load.probe}: {events} of {load.events} events came")
        with_probe.append(used)
        bpf.append(bpf_ns)
    cost = max(0, min(with_probe) - min(without)) / load.events
    return f"| `{load.probe}` | {load.what} | {min(bpf) / load.events:,.0f} ns | {cost:,.0f} ns |"


def main() -> None:
    chosen = sys.argv[1:]
    statistics = enable_run_time_stats()
    print("| probe | for each | BPF | CPU |\n|---|---|--:|--:|")
    for load in LOADS:
        if not chosen or load.probe in chosen:
            print(row(load), flush=True)
    os.close(statistics)


if __name__ == "__main__":
    main()
