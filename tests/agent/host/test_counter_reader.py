"""What /proc says, read from files that stay open, beside what was really done."""

import shutil
import socket
import subprocess
from pathlib import Path

from profiler.agent.host.counter_reader import CounterReader
from profiler.core.counters import Reading, Row, difference, is_counter
from tests.agent.servers import wait_for

FORKS = 13
BYTES = 1_000_003


def counted(reader: CounterReader, before: Reading, name: str, least: float) -> Row:
    def look() -> Row | None:
        row = difference(before, Reading(0, before.clock_ns + 1, reader.read().values))
        return row if row and row.values[name] >= least else None

    return wait_for(look, f"{least} of {name}", 10)


def test_what_was_done_is_counted() -> None:
    reader = CounterReader()
    before = reader.read()
    assert all(is_counter(name) for name in before.values)
    for _ in range(FORKS):
        subprocess.run(["true"], check=True)
    counted(reader, before, "sched.forks", FORKS)
    counted(reader, before, "vm.faults", FORKS)
    reader.close()


def test_bytes_over_a_network_are_counted_at_both_ends() -> None:
    reader = CounterReader()
    before = reader.read()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            sender = subprocess.Popen(["head", "-c", str(BYTES), "/dev/zero"], stdout=client.fileno())
            left = BYTES
            while left:
                left -= len(accepted.recv(left))
            sender.wait()
    row = counted(reader, before, "net.rx_bytes:lo", BYTES)
    assert row.values["net.tx_bytes:lo"] >= BYTES
    assert row.values["tcp.opened"] >= 1
    reader.close()


def test_a_kernel_that_lacks_files_and_files_that_end_leave_gaps(tmp_path: Path) -> None:
    shutil.copy("/proc/loadavg", tmp_path / "loadavg")
    (tmp_path / "stat").write_text("cpu  1 2 3 4\n")
    reader = CounterReader(tmp_path)
    assert reader.read().values.keys() == {
        "load.1",
        "load.5",
        "load.15",
        "cpu.user",
        "cpu.nice",
        "cpu.system",
        "cpu.idle",
    }
    (tmp_path / "stat").write_text("something else\n")
    assert reader.read().values.keys() == {"load.1", "load.5", "load.15"}
    reader.close()
