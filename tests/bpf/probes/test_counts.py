"""Counters by process, of known loads: to the last call, fault, byte and page."""

import os
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from profiler.agent.probes.counts import LOST_NO_ROOM, CountSource
from profiler.core.event_batch import EventBatch, decode, encode
from profiler.probes.registry import all_probes, probe_named
from tests.bpf.probes.counting import BEGIN, CALLS, SYSCALLS, total, waiting
from tests.bpf.probes.feed import HOST, wait_for

pytestmark = pytest.mark.bpf

FAULTS, BYTES, PAGES = 5003, 1_000_003, 2003
PAGE = 4096
TRIES = 20
TOUCHES = BEGIN + (
    "n = int(sys.argv[1]); m = mmap.mmap(-1, n * 4096, flags=mmap.MAP_PRIVATE); m.madvise(mmap.MADV_NOHUGEPAGE)\n"
    "ready()\nfor i in range(0, n * 4096, 4096): m[i] = 1\nready()"
)
SENDS = BEGIN + (
    "s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); data = bytes(int(sys.argv[2]))\n"
    "ready(); s.sendall(data); s.recv(1, socket.MSG_PEEK); s.recv(7, socket.MSG_WAITALL); ready()"
)
READS = BEGIN + "f = os.open(sys.argv[1], os.O_RDONLY); ready()\nwhile os.read(f, 65536): pass\nready()"
SLEEPS = BEGIN + "import time\nready()\nfor _ in range(int(sys.argv[1])): time.sleep(0.0002)\nready()"
WRITES = BEGIN + (
    "f = os.open(sys.argv[1], os.O_WRONLY); data = bytes(65536)\n"
    "ready()\nfor _ in range(100): os.write(f, data)\nready()"
)


def counted(name: str, code: str, *arguments: str, **values: int) -> Counter[str]:
    """What a process did, as the probe counted it in two readings."""
    with waiting(code, *arguments) as (pid, work):
        batches = watched(name, work, **values)
    return total(batches, pid)


def watched(name: str, work: Callable[[], None], most: int = 8192, **values: int) -> list[EventBatch]:
    probe = probe_named(name)
    source = CountSource(HOST, probe, probe.values(values), most)
    try:
        batches = source.take()
        work()
        batches += source.take() + source.finish()
    finally:
        source.close()
    return [decode(encode(batch)) for batch in batches]


def test_every_system_call_of_a_process_is_counted() -> None:
    # Beside its own two: a word that it is ready, and the wait for the next one.
    assert counted("syscall_counts", SYSCALLS, str(CALLS))["calls"] == CALLS + 2


def test_every_page_that_is_touched_is_a_fault() -> None:
    found = counted("fault_counts", TOUCHES, str(FAULTS))
    # The interpreter may touch pages of its own.
    assert FAULTS <= found["writes"] < 2 * FAULTS


def test_every_switch_of_a_process_is_counted_as_the_kernel_counts_it() -> None:
    probe = probe_named("switch_counts")
    with waiting(SLEEPS, str(CALLS)) as (pid, work):
        source = CountSource(HOST, probe, probe.values({"pid": pid}))
        try:
            batches = source.take()
            before = switches(pid)
            work()
            # A thread is asleep a moment before it has left its CPU.
            wait_for(lambda: total(grown(batches, source), pid) == switches(pid) - before, "as many as the kernel says")
        finally:
            source.close()
        # A sleep that is over before its thread has left the CPU is no switch: the kernel's count is what is known.
        assert (switches(pid) - before)["voluntary"] > 0


def grown(batches: list[EventBatch], source: CountSource) -> list[EventBatch]:
    batches += source.take()
    return batches


def switches(pid: int) -> Counter[str]:
    """Of the one thread that the process has."""
    told = dict(line.split(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    kinds = {"voluntary": "voluntary_ctxt_switches", "involuntary": "nonvoluntary_ctxt_switches"}
    return Counter({kind: int(told[line]) for kind, line in kinds.items()})


def test_bytes_over_a_socket_are_exact_and_what_is_only_looked_at_counts_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with waiting(SENDS, str(port), str(BYTES)) as (pid, work):
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"answers")
                batches = watched("socket_bytes", lambda: receive_while(connection, work))
    found = total(batches, pid)
    assert (found["sent"], found["received"]) == (BYTES, len(b"answers"))
    # What this process does is never seen: it reads the probe.
    assert os.getpid() not in {int(each) for batch in batches for each in batch.columns["pid"]}


def receive_while(connection: socket.socket, work: Callable[[], None]) -> None:
    reader = subprocess.Popen(["cat"], stdin=connection.fileno(), stdout=subprocess.DEVNULL)
    try:
        work()
    finally:
        reader.kill()
        reader.wait()


@pytest.fixture
def file() -> Iterator[Path]:
    """On a disk, not in memory; nothing of it in the page cache."""
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as made:
        made.write(bytes(PAGES * PAGE))
        made.flush()
        forget(Path(made.name))
        yield Path(made.name)


def forget(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    os.fsync(opened)
    os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(opened)


def test_pages_are_missed_when_they_are_cold_and_hit_when_they_are_not(file: Path) -> None:
    assert (PAGES, PAGES) in reads(file, cold=True)
    assert (PAGES, 0) in reads(file, cold=False)


def reads(file: Path, *, cold: bool) -> Iterator[tuple[int, int]]:
    """Pages and misses of reading all of it. Where memory is short the kernel takes pages away when it likes: several
    times, each with all of its pages.
    """
    for _ in range(TRIES):
        if cold:
            forget(file)
        found = counted("page_cache", READS, str(file))
        assert found["pages"] == PAGES
        yield found["pages"], found["missed"]


def test_pages_that_are_written_are_not_missed(file: Path) -> None:
    assert counted("page_cache", WRITES, str(file))["missed"] == 0


def test_a_process_can_be_chosen() -> None:
    with waiting(SYSCALLS, "3") as (other, work_too), waiting(SYSCALLS, str(CALLS)) as (pid, work):

        def both() -> None:
            work_too()
            work()

        batches = watched("syscall_counts", both, pid=pid)
    assert total(batches, other) == Counter()
    assert total(batches) == total(batches, pid) == Counter(calls=CALLS + 2)


def test_what_has_no_room_is_counted_as_lost() -> None:
    with waiting(SYSCALLS, "3") as (_, first), waiting(SYSCALLS, str(CALLS)) as (_, second):

        def both() -> None:
            first()
            second()

        batches = watched("syscall_counts", both, most=1)
    # Whoever came first has the room.
    assert sum(batch.lost.get(LOST_NO_ROOM, 0) for batch in batches) >= CALLS


@pytest.mark.parametrize("name", [name for name, probe in all_probes().items() if probe.emits == "counters"])
def test_each_says_what_it_sends(name: str) -> None:
    for batch in watched(name, lambda: None):
        assert list(batch.columns) == [field.name for field in probe_named(name).fields]
