"""System calls, files and disks: every one of a known number in its row, and no more time than the caller saw pass."""

from pathlib import Path

import pytest

from profiler.agent.probes.host_names import disk_name
from tests.bpf.probes.histograms import COMM, block_device, counting, load

pytestmark = pytest.mark.bpf

CALLS, READS, WRITES, SYNCS, DIRECT = 997, 499, 211, 13, 307


def test_every_system_call_is_counted_by_its_name() -> None:
    code = f"""
import os, time
name(NAME)
began = time.monotonic_ns()
for _ in range({CALLS}): os.getppid()
for _ in range({WRITES}):
    try: os.rmdir("/nowhere")
    except OSError: pass
time.sleep(0.05)
print(os.getpid(), time.monotonic_ns() - began)
"""
    with counting("syscall_latency", comm=COMM) as counted:
        pid, elapsed_ns = map(int, load(code))
    assert counted.lost == 0
    assert (counted.events[("getppid",)], counted.events[("rmdir",)]) == (CALLS, WRITES)
    assert 50_000_000 <= counted.sums[("clock_nanosleep",)] <= elapsed_ns
    assert counted.sums[("getppid",)] <= elapsed_ns
    assert {(example.pid, example.tid, example.comm) for example in counted.exemplars} == {(pid, pid, COMM)}
    assert ("exit_group",) not in counted.events


def test_every_read_write_and_sync_of_a_file_is_counted_by_file_system(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
file, (out, into) = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), os.pipe()
name(NAME)
began = time.monotonic_ns()
for _ in range({WRITES}): os.pwrite(file, b"webprof", 0)
for _ in range({READS}): os.pread(file, 7, 0)
for _ in range({SYNCS}): os.fsync(file)
for _ in range({CALLS}):
    os.write(into, b"no file")
    os.read(out, 7)
elapsed = time.monotonic_ns() - began
name("done")
print(elapsed)
"""
    with counting("file_latency", comm=COMM) as counted:
        (elapsed_ns,) = map(int, load(code, str(tmp_path / "file")))
    system = file_system_of(tmp_path)
    expected = {(system, "write"): WRITES, (system, "read"): READS, (system, "sync"): SYNCS}
    found = {labels: count for labels, count in counted.events.items() if labels[0] != "proc"}
    assert counted.lost == 0
    assert found == expected
    assert sum(counted.sums.values()) <= elapsed_ns + counted.sums.get(("proc", "write"), 0)


def file_system_of(path: Path) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    inside = [(len(place), kind) for place, kind in mounts if path.is_relative_to(place)]
    return max(inside)[1]


def reads_of(disk: str) -> tuple[int, int]:
    """Completed, as the kernel counts them, and requests that are under way."""
    fields = Path(f"/sys/class/block/{disk}/stat").read_text().split()
    return int(fields[0]), int(fields[8])


def test_every_request_to_a_disk_is_counted_by_disk_and_operation(tmp_path: Path) -> None:
    """Of everybody: on a busy disk requests are issued by whoever looks at its queue next."""
    place = block_device(tmp_path)
    if place is None:
        pytest.skip("temporary files are not on a disk here")
    disk = place.parent.name if (place / "partition").exists() else place.name
    code = f"""
import mmap, os, sys
os.posix_fallocate(made := os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), 0, 4096)
os.write(made, bytes(4096))
os.fsync(made)
file, page = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECT), mmap.mmap(-1, 4096)
for _ in range({DIRECT}): os.preadv(file, [page], 0)
"""
    before, _ = reads_of(disk)
    with counting("block_latency") as counted:
        load(code, str(tmp_path / "file"))
    after, under_way = reads_of(disk)
    assert DIRECT - counted.lost <= counted.events[disk, "read"] <= after - before + under_way
    assert counted.sums[disk, "read"] > 0


def test_a_disk_that_is_gone_keeps_its_number() -> None:
    assert disk_name("4095:1048575") == "4095:1048575"
