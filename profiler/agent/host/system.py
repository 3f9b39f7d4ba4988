"""The machine as a whole, from /proc: a handful of small files."""

import os
import platform
from pathlib import Path

from profiler.core.inventory import Pressure, System

PROC = Path("/proc")
# Columns of the `cpu` line of /proc/stat: user nice system idle iowait irq softirq steal. Guest time is in user's.
_COLUMNS, _IDLE, _IOWAIT = 8, 3, 4


class SystemReader:
    """Each `read` gives CPU use since the read before. Raises OSError when /proc can't be read."""

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._kernel = platform.release()
        self._architecture = platform.machine()
        self._distribution = distribution()
        self._busy, self._total = self._cpu_ticks()

    def read(self) -> System:
        total, available = self._memory()
        load = tuple(map(float, self._text("loadavg").split()[:3]))
        return System(
            kernel=self._kernel,
            distribution=self._distribution,
            architecture=self._architecture,
            cpus=os.cpu_count() or 1,
            memory_total_bytes=total,
            memory_available_bytes=available,
            load=(load[0], load[1], load[2]),
            cpu_percent=self._cpu_percent(),
            uptime_s=float(self._text("uptime").split()[0]),
            pressure=Pressure(cpu=self._pressure("cpu"), io=self._pressure("io"), memory=self._pressure("memory")),
        )

    def _text(self, name: str) -> str:
        return (self._proc / name).read_text()

    def _cpu_ticks(self) -> tuple[int, int]:
        ticks = [int(column) for column in self._text("stat").split("\n", 1)[0].split()[1 : 1 + _COLUMNS]]
        return sum(ticks) - ticks[_IDLE] - ticks[_IOWAIT], sum(ticks)

    def _cpu_percent(self) -> float:
        busy, total = self._cpu_ticks()
        elapsed = total - self._total
        percent = 100 * (busy - self._busy) / elapsed if elapsed > 0 else 0.0
        self._busy, self._total = busy, total
        # iowait may count backwards (proc_stat(5)), which would make a little more than all or less than nothing.
        return round(min(max(percent, 0.0), 100.0), 1)

    def _memory(self) -> tuple[int, int]:
        wanted = {}
        for line in self._text("meminfo").splitlines()[:3]:
            name, _, value = line.partition(":")
            wanted[name] = int(value.split()[0]) * 1024
        return wanted["MemTotal"], wanted.get("MemAvailable", wanted["MemFree"])

    def _pressure(self, resource: str) -> float | None:
        try:
            some = self._text(f"pressure/{resource}").split("\n", 1)[0]
        except OSError:  # a kernel without PSI, or with it switched off
            return None
        return float(some.split()[1].removeprefix("avg10="))


def distribution() -> str:
    """What /etc/os-release calls itself, or empty."""
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")[:128]
    except OSError:
        return ""
