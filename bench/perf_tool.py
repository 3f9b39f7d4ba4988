"""`perf record --call-graph dwarf` beside what is measured: the same programs, the same rate, in the same run.

Skipped where there is no `perf` (Debian: linux-perf; any version reads its own records on any kernel).
"""

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# perf's default.
DUMP_BYTES = 8192
# The outermost function of a process and of a thread, as each tool's symbols call it.
ENTRIES = {"_start", "__clone3", "clone3", "clone", "__clone", "_dl_start_user"}
NAME = f"perf dwarf {DUMP_BYTES // 1024} KB"


class PerfStacks(NamedTuple):
    """`stacks`: pid, user functions root first, of samples that have any. `lost`: events, by perf's own account.

    CPU seconds: of `perf record`, and of `perf script`, which unwinds and names.
    """

    stacks: list[tuple[int, list[str]]]
    bytes: int
    lost: int
    record_cpu_s: float
    script_cpu_s: float

    @property
    def whole(self) -> int:
        return sum(functions[0] in ENTRIES for _, functions in self.stacks)


def is_here() -> bool:
    return shutil.which("perf") is not None


def perf_stacks(seconds: float, frequency: int, pids: list[int] | None = None) -> PerfStacks:
    """User stacks of some processes, or of the whole system."""
    with tempfile.TemporaryDirectory() as directory:
        data = str(Path(directory) / "perf.data")
        whom = ["-p", ",".join(map(str, pids))] if pids else ["-a"]
        how = ["-e", "cpu-clock:u", "-F", str(frequency), "--call-graph", f"dwarf,{DUMP_BYTES}"]
        _, record_cpu_s = _run("record", "-q", *how, "-o", data, *whom, "--", "sleep", str(seconds))
        written = Path(data).stat().st_size
        output, script_cpu_s = _run("script", "-i", data, "-F", "pid,ip,sym", "--no-inline")
        statistics, _ = _run("report", "-i", data, "--stats")
    lost = sum(int(count) for count in re.findall(r"LOST(?:_SAMPLES)? events:\s+(\d+)", statistics))
    return PerfStacks(list(_stacks(output)), written, lost, record_cpu_s, script_cpu_s)


def _run(*arguments: str) -> tuple[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["perf", *arguments], capture_output=True, text=True, errors="replace", check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _stacks(output: str) -> Iterator[tuple[int, list[str]]]:
    for block in output.split("\n\n"):
        lines = [line.strip() for line in block.strip().splitlines()]
        if len(lines) > 1 and lines[0].isdecimal():
            names = [re.sub(r"^[0-9a-f]+ ", "", line).split("@")[0] for line in lines[1:]]
            yield int(lines[0]), names[::-1]
