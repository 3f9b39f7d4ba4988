"""Run inside a mount namespace of its own: a /proc with very many processes, and what the agent does with it.

    unshare -m python -m tests.agent.fake_proc DIRECTORY PROCESSES

Writes JSON: seconds of CPU and bytes of memory, by what was done.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from profiler.agent.host.inventory import InventoryReader
from profiler.agent.host.processes import ProcessTable
from profiler.agent.unwind.refresher import processes_by_cpu_time
from profiler.core.inventory import Agent, AgentState, encode

SYSTEM_FILES = ("stat", "meminfo", "loadavg", "uptime", "cpuinfo", "version", "sys/kernel/osrelease")


def make(directory: Path, processes: int) -> None:
    """As /proc shows sleeping processes; every tenth has used CPU time."""
    for name in SYSTEM_FILES:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(Path("/proc", name).read_bytes())
    (directory / "self").symlink_to(str(os.getpid()))
    same = {"cmdline": "worker\0--serve\0", "maps": "", "mounts": "", "statm": "1 1 1 1 0 1 0\n"}
    for name, text in same.items():
        (directory / f"of-all-{name}").write_text(text)
    for pid in [os.getpid(), *range(1_000_000, 1_000_000 + processes)]:
        own = f"{directory}/{pid}"
        os.makedirs(own, exist_ok=True)  # noqa: PTH103 (a hundred thousand of them)
        ticks = 0 if pid % 10 else pid % 1000
        stat = (
            f"{pid} (worker {pid % 7}) S 1 {pid} {pid} 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 500 9999999 700 "
            + "0 " * 28
        )
        for name in same:
            os.link(f"{directory}/of-all-{name}", f"{own}/{name}")
        for name, text in {"stat": stat, "cgroup": f"0::/system.slice/web-{pid % 100}.service\n"}.items():
            with open(f"{own}/{name}", "w") as file:  # noqa: PTH123
                file.write(text)


def cost(work: Callable[[], object]) -> dict[str, float]:
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    work()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"cpu_s": time.process_time() - begun, "memory_mb": grown / 1024}


def main(directory: Path, processes: int) -> None:
    # On a disk they would take minutes to be deleted again; here they go with the namespace.
    subprocess.run(["mount", "-t", "tmpfs", "processes", directory], check=True)
    make(directory, processes)
    subprocess.run(["mount", "--bind", directory, "/proc"], check=True)
    agent = Agent(version="0", pid=1, state=AgentState.IDLE, rss_bytes=0, cpu_percent=0.0)
    found: dict[str, object] = {"start": cost(processes_by_cpu_time)}
    tables: list[ProcessTable] = []
    found["process table"] = cost(lambda: tables.append(ProcessTable()))
    tables.clear()
    reader = InventoryReader("host", (), lambda: agent)
    found["first heartbeat"] = cost(lambda: encode(reader.read()))
    found["next ten heartbeats"] = cost(lambda: [encode(reader.read()) for _ in range(10)])
    found["processes"] = reader.read().process_count
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
