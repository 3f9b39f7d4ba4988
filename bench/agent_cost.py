"""What an agent costs its host: memory and CPU while idle and while recording the whole system at 99 Hz.

    python bench/agent_cost.py [--idle SECONDS] [--record SECONDS]

Starts a Redis and an agent of its own (needs root), prints one line per phase. CPU is of one CPU, from the kernel's
account of the agent's process; what the BPF program itself takes is charged to whoever is sampled and is printed apart.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from profiler.agent.inventory import InventoryReader
from profiler.core.channel import RunState
from profiler.core.inventory import Agent, AgentState, encode
from tests.agent.servers import Agent as AgentProcess
from tests.agent.servers import RedisServer, Server

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Meter:
    """CPU use of a process since the meter was made, and its memory now."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")
        self._cpu_s, self._at = self._used(), time.monotonic()

    def _used(self) -> float:
        """Seconds, of threads that have ended too."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def line(self, phase: str) -> str:
        percent = 100 * (self._used() - self._cpu_s) / (time.monotonic() - self._at)
        rss = int((self._proc / "statm").read_text().split()[1]) * PAGE / 2**20
        rollup = (self._proc / "smaps_rollup").read_text().splitlines()
        private = sum(int(line.split()[1]) for line in rollup if line.startswith("Private_")) / 1024
        return f"{phase:<22} CPU {percent:6.2f} %   RSS {rss:6.1f} MiB   private {private:6.1f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=float, default=60)
    parser.add_argument("--record", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="webprof-") as name:
        redis = RedisServer(Path(name))
        redis.start()
        agent = AgentProcess(redis, Path(name))
        try:
            agent.start()
            print(heartbeat_cost())
            measure(agent, Server(redis), options.idle, options.record)
        finally:
            agent.kill_if_running()
            redis.stop()


def heartbeat_cost(rounds: int = 20) -> str:
    """CPU time of making one heartbeat, with a fresh look at all processes each time."""
    own = Agent(version="", pid=os.getpid(), state=AgentState.IDLE, rss_bytes=0, cpu_percent=0)
    began = time.thread_time()
    for _ in range(rounds):
        # A reader of its own each time: the one of the agent skips looks that would cost too much.
        made = InventoryReader("bench", (), lambda: own).read()
        size = len(encode(made))
    each_ms = 1000 * (time.thread_time() - began) / rounds
    return f"one heartbeat, nothing cached: {each_ms:.1f} ms of CPU, {size} bytes, {made.process_count} processes"


def measure(agent: AgentProcess, server: Server, idle_s: float, record_s: float) -> None:
    time.sleep(2)  # the start's last work is not idleness
    wait(agent, idle_s, "idle, fresh")
    for number in (1, 2):
        run = server.record(duration_s=record_s, frequency=99)
        server.wait_for_state(run, RunState.RECORDING)
        meter = Meter(agent.process.pid)
        end = server.wait_for_end(run)
        print(meter.line(f"recording {number}, 99 Hz"))
        (profile,) = server.profiles(run)
        quality = profile.quality
        print(
            f"  {end.samples} samples in {end.elapsed_s:.1f} s, {end.lost} lost, {len(profile.stacks)} stack nodes; "
            f"BPF program {100 * quality.bpf_ns / profile.meta.duration_ns:.3f} % of one CPU"
        )
    wait(agent, idle_s, "idle, after recording")
    heartbeat = agent.heartbeat()
    assert heartbeat is not None
    print(f"  {heartbeat.process_count} processes; the agent says of itself: {heartbeat.agent.cpu_percent} %")


def wait(agent: AgentProcess, seconds: float, phase: str) -> None:
    meter = Meter(agent.process.pid)
    time.sleep(seconds)
    print(meter.line(phase))


if __name__ == "__main__":
    main()
