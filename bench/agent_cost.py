"""What an agent costs its host: memory and CPU while idle and while recording the whole system at 99 Hz.

    python -m bench.agent_cost [--idle SECONDS] [--record SECONDS] [--flight] [--load SHARE ...] [--services]
                               [--only-load]

Starts a Redis and an agent of its own (needs root), and records beside a load that stays the same (steady_load.py):
once for each share of the time in which the load may run, by default 0.4 and 1. Prints one line per phase. With
--services the load is one of servers, whose stacks come again (see there). With --only-load the load and what it starts
is recorded, not the whole system: for machines on which others work, too.

CPU is of one CPU, from the kernel's account: the agent's own user and system time, and its children's (the workers that
parse unwind tables and debug information), which is high while files are met for the first time and nothing later.
"steady" leaves out the first seconds and the end. What the BPF program takes is charged to whoever is sampled and is
printed apart.

Memory is the highest that was seen, four times a second. RSS counts everything that is mapped, program files shared
with other processes and the rings of the BPF program included; "private" is what would be free without the agent.
"together" is the agent with its workers at the same moment, what several processes share counted in parts.
"""

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from bench.as_installed import compiled_modules
from bench.process_tree import descendants, tree_cpu
from bench.steady_load import steady_load
from profiler.agent.host.inventory import InventoryReader
from profiler.core.channel import TASK_FLIGHT, RunState
from profiler.core.flight import FlightSettings
from profiler.core.inventory import Agent, AgentState, encode
from tests.agent.servers import Agent as AgentProcess
from tests.agent.servers import RedisServer, Server, wait_for

MIB = 1 << 20
LOOK_INTERVAL_S = 0.25
# What a start has to do: load the program, read symbols and processes.
START_S = 5.0
# The end (merging, encoding, sending) is left out of "steady".
END_S = 1.0
FLIGHT_START_S = 10


class Meter:
    """CPU use of a process and its children since the meter was made, and the highest memory seen since."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._cpu, self._at = tree_cpu(pid), time.monotonic()
        self._rss = self._private = self._children_rss = self._together = 0
        self._used_s = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_until_ended, daemon=True)
        self._thread.start()

    def line(self, phase: str) -> str:
        """What was measured; the meter ends."""
        self._ended.set()
        self._thread.join()
        used, seconds = tree_cpu(self._process.pid) - self._cpu, time.monotonic() - self._at
        user, system, children = (100 * part / seconds for part in (used.own_user, used.own_system, used.children))
        self._used_s = used.own_user
        return (
            f"{phase:<24} user {user:5.2f} %  system {system:5.2f} %  children {children:6.2f} %   "
            f"RSS {self._rss / MIB:5.1f} MiB  private {self._private / MIB:5.1f} MiB  "
            f"children's RSS {self._children_rss / MIB:5.1f} MiB  together (PSS) {self._together / MIB:5.1f} MiB"
        )

    def own_us(self, samples: int) -> float:
        """User CPU time per sample, once the line is made."""
        return 1e6 * self._used_s / max(1, samples)

    def _look_until_ended(self) -> None:
        while True:
            memory = self._process.memory_full_info()
            self._rss, self._private = max(self._rss, memory.rss), max(self._private, memory.uss)
            own = self._process.cmdline()
            children = [_rss_and_pss(child, own) for child in descendants(self._process.pid)]
            self._children_rss = max(self._children_rss, sum(rss for rss, _ in children))
            self._together = max(self._together, memory.pss + sum(pss for _, pss in children))
            if self._ended.wait(LOOK_INTERVAL_S):
                return


def _rss_and_pss(child: psutil.Process, parent: list[str]) -> tuple[int, int]:
    """Nothing for a child that is still its parent: until it runs a program of its own they share all memory."""
    try:
        memory = child.memory_full_info()
        return (0, 0) if child.cmdline() == parent else (int(memory.rss), int(memory.pss))
    except psutil.NoSuchProcess:
        return 0, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=float, default=60)
    parser.add_argument("--record", type=float, default=20)
    parser.add_argument("--flight", action="store_true", help="with the flight recorder on")
    parser.add_argument("--load", type=float, nargs="+", default=[0.4, 1.0], metavar="SHARE")
    parser.add_argument("--services", action="store_true", help="a load of servers instead of the hardest")
    parser.add_argument("--only-load", action="store_true", help="record the load, not the whole system")
    options = parser.parse_args()
    with compiled_modules(), tempfile.TemporaryDirectory(prefix="webprof-") as name:
        redis = RedisServer(Path(name))
        redis.start()
        agent = AgentProcess(redis, Path(name))
        try:
            agent.start()
            print(heartbeat_cost())
            if options.flight:
                start_flight(agent, Server(redis))
            measure(agent, Server(redis), options)
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


def start_flight(agent: AgentProcess, server: Server) -> None:
    """On, and past its start: the first tables and symbols are read once."""
    server.send(TASK_FLIGHT, kwargs=FlightSettings(on=True).model_dump())
    holds = "the flight recorder to hold something"
    wait_for(lambda: (beat := agent.heartbeat()) is not None and beat.agent.flight.held_s > 0, holds)
    time.sleep(FLIGHT_START_S)


def measure(agent: AgentProcess, server: Server, options: argparse.Namespace) -> None:
    idle_s = options.idle
    time.sleep(2)  # the start's last work is not idleness
    wait(agent, idle_s, "idle, fresh")
    for share in options.load:
        with steady_load(share, services=options.services) as pids:
            if idle_s:
                wait(agent, idle_s, f"idle beside load {share:g}")
            targets: dict[str, Any] = {"pids": pids, "children": True} if options.only_load else {}
            print(recorded(agent, server, options.record, f"load {share:g}", targets))
    wait(agent, idle_s, "idle, after recording")
    heartbeat = agent.heartbeat()
    assert heartbeat is not None
    print(f"  {heartbeat.process_count} processes; the agent says of itself: {heartbeat.agent.cpu_percent} %")


def recorded(agent: AgentProcess, server: Server, record_s: float, phase: str, targets: dict[str, Any]) -> str:
    """What a recording said of itself; its costs are printed."""
    run = server.record(duration_s=record_s, frequency=99, **targets)
    server.wait_for_state(run, RunState.RECORDING)
    whole = Meter(agent.process.pid)
    time.sleep(START_S)
    before, steady = samples_so_far(server, run), Meter(agent.process.pid)
    time.sleep(max(0.0, record_s - START_S - END_S))
    line, samples = steady.line(f"recording, {phase}, steady"), samples_so_far(server, run) - before
    print(line)
    print(f"  {steady.own_us(samples):.0f} µs of user CPU per sample")
    end = server.wait_for_end(run)
    print(whole.line(f"recording, {phase}, whole"))
    (profile,) = server.profiles(run)
    quality = profile.quality
    return (
        f"  {end.samples} samples in {end.elapsed_s:.1f} s ({end.samples / end.elapsed_s:.0f} a second), "
        f"{end.lost} lost, {len(profile.stacks)} stack nodes; "
        f"BPF program {100 * quality.bpf_ns / profile.meta.duration_ns:.3f} % of one CPU"
    )


def samples_so_far(server: Server, run: str) -> int:
    """As the agent last reported."""
    return server.live_reports(run)[-1].samples


def wait(agent: AgentProcess, seconds: float, phase: str) -> None:
    meter = Meter(agent.process.pid)
    time.sleep(seconds)
    print(meter.line(phase))


if __name__ == "__main__":
    main()
