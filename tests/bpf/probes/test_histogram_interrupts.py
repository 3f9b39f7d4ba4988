"""Interrupts: as many of each kind as the kernel says there were in that time."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.bpf.probes.histograms import counting

pytestmark = pytest.mark.bpf

SENDS = 997
# The kernel counts one when it begins: on each CPU one may be under way when the counts are read.
CPUS = os.cpu_count() or 1


def soft_interrupts() -> dict[str, int]:
    lines = Path("/proc/softirqs").read_text().splitlines()[1:]
    return {kind.strip(): sum(map(int, counts.split())) for kind, _, counts in (line.partition(":") for line in lines)}


def interrupts() -> dict[str, int]:
    """By the first 15 bytes of the handler's name, as the probe has it; shared lines are left out."""
    found: dict[str, int] = {}
    lines = Path("/proc/interrupts").read_text().splitlines()
    cpus = len(lines[0].split())
    for line in lines[1:]:
        number, *fields = line.split()
        if number.rstrip(":").isdigit() and len(fields) > cpus and not fields[-2].endswith(","):
            found[fields[-1][:15]] = found.get(fields[-1][:15], 0) + sum(map(int, fields[:cpus]))
    return found


def provoke() -> None:
    """Each datagram on the loopback is received in a soft interrupt."""
    code = f"""
import socket
a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
b.bind(("127.0.0.1", 0))
for _ in range({SENDS}): a.sendto(b"x", b.getsockname()), b.recv(1)
"""
    subprocess.run(["python3", "-S", "-c", code], check=True, timeout=60)


def test_soft_interrupts_are_counted_by_kind_as_the_kernel_counts_them() -> None:
    outer = soft_interrupts()
    with counting("softirq_time") as counted:
        inner = soft_interrupts()
        provoke()
        inner = {kind: count - inner[kind] for kind, count in soft_interrupts().items()}
    outer = {kind: count - outer[kind] for kind, count in soft_interrupts().items()}
    assert inner["NET_RX"] >= SENDS // 2
    for kind, least in inner.items():
        assert least - CPUS - counted.lost <= counted.events.get((kind,), 0) <= outer[kind] + CPUS, kind


def test_handlers_run_for_every_interrupt_that_the_kernel_counts(tmp_path: Path) -> None:
    with counting("hardirq_time") as counted:
        before = interrupts()
        for place in range(20):
            file = tmp_path / str(place)
            file.write_bytes(bytes(4096))
            subprocess.run(["sync", file], check=True, timeout=60)
        inner = {name: count - before.get(name, 0) for name, count in interrupts().items()}
    for name, least in inner.items():
        assert least - CPUS - counted.lost <= counted.events.get((name,), 0), name
    assert sum(counted.events.values()) >= 1
