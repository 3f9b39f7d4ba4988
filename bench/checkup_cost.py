"""What the 60-second check costs a machine whose two CPUs are busy: how much slower a fixed amount of work gets.

    python -m bench.checkup_cost [ROUNDS]        (root; bpfcc-tools for the comparison; five minutes)

In turns the same work (bench/checkup_load.py, two processes for each CPU) is done beside an agent that rests, beside
one that asks all questions of the check at once, and beside those BCC tools for the same questions that run here.
"Wall" is how much longer the work took, and needs a machine on which nobody else works; "CPU" how much more time of
the CPUs the work and who watches took together, which others disturb less. Medians of the rounds, each compared with
the one before it that nobody watched. Programs are compiled and attached, and the agent has prepared what it needs of
the programs that run, before a round begins: what that took is printed apart.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.as_installed import compiled_modules
from bench.process_tree import tree_cpu
from bench.profile_vs_bpfcc import kernel_headers
from profiler.core.channel import RunState
from profiler.core.checkup import CPU, QUESTIONS
from profiler.core.feed_channel import LEASE_TTL_S, TASK_WATCH, WatchMessage, feed_id, feed_key, lease_key
from profiler.probes.registry import probe_named
from tests.agent.servers import Agent, RedisServer, Server, wait_for

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, TURNS, PER_CPU = 5, 350, 2
LONGEST_S = 300
# Who answers the same questions; a tool that does not hold a BPF program by then does not run on this kernel.
TOOLS = (
    "execsnoop", "opensnoop", "fileslower", "ext4slower", "biolatency", "biosnoop", "cachestat", "tcpconnect",
    "tcpaccept", "tcpretrans", "runqlat", "profile",
)  # fmt: skip
TOOL_STARTS_S, TOOL_STAYS_S = 60, 3
# It rests when it takes less than this of a CPU between two looks.
SETTLES_S, LOOK_S, QUIET_S = 60, 3, 0.1
# A recording reads the symbols of what runs when it begins.
BEGINS_S = 5


class Used(NamedTuple):
    """Seconds: of the clock; of the CPUs by the work; by who watches."""

    wall: float
    work: float
    watchers: float


def feeds() -> dict[str, WatchMessage]:
    """What the check watches, by feed."""
    found = {}
    for question in QUESTIONS:
        if question.probe != CPU:
            values = probe_named(question.probe).values(question.values)
            found[feed_id(question.probe, values)] = WatchMessage(probe=question.probe, values=values)
    return found


class Check:
    """All questions at once, on the host of an agent."""

    def __init__(self, redis: RedisServer, agent: Agent) -> None:
        self.agent = agent
        self._redis = redis
        self._server = Server(redis, agent.host)
        self._feeds = feeds()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Feeds send, and the CPUs are sampled."""
        leases = [lease_key(self.agent.host, name) for name in self._feeds]
        self._redis.client.delete(*(feed_key(self.agent.host, name) for name in self._feeds))
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(leases, ended), daemon=True)
        keeper.start()
        for message in self._feeds.values():
            self._server.send(TASK_WATCH, kwargs=message.model_dump())
        for name in self._feeds:
            wait_for(lambda name=name: self._sends(name), f"feed {name} to send")  # type: ignore[misc]
        run = self._server.record(duration_s=LONGEST_S)
        self._server.wait_for_state(run, RunState.RECORDING)
        time.sleep(BEGINS_S)
        try:
            yield
        finally:
            self._server.cancel(run)
            self._server.wait_for_end(run)
            ended.set()
            keeper.join()
            self._redis.client.delete(*leases)
            wait_for(lambda: not self.agent.bpf_programs(), "the programs to be detached")

    def _keep(self, leases: list[str], ended: threading.Event) -> None:
        while True:
            for lease in leases:
                self._redis.client.set(lease, b"", ex=LEASE_TTL_S)
            if ended.wait(LEASE_TTL_S / 3):
                return

    def _sends(self, feed: str) -> bool:
        entries: Any = self._redis.client.xrange(feed_key(self.agent.host, feed))
        for _, entry in entries:
            if b"error" in entry:
                sys.exit(f"{feed}: {entry[b'error'].decode()}")
        return len(entries) > 1


class Tool:
    """A tool of BCC, while it runs."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self.name = name
        command = [f"{name}-bpfcc", *(("-F", "99", "-f", "100000") if name == "profile" else ())]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, **quiet)

    def attaches(self) -> bool:
        """Whether it comes to hold a program of BPF."""
        deadline = time.monotonic() + TOOL_STARTS_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._holds_programs():
                return self._stays()
            time.sleep(0.1)
        self.end()
        return False

    def _stays(self) -> bool:
        """One that can not attach what it has loaded ends at once."""
        try:
            self.process.wait(TOOL_STAYS_S)
        except subprocess.TimeoutExpired:
            return True
        self.end()
        return False

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _holds_programs(self) -> bool:
        try:
            return any("prog_id" in info.read_text() for info in Path(f"/proc/{self.process.pid}/fdinfo").iterdir())
        except OSError:  # it ends, or closed one
            return False


@contextmanager
def tools(names: list[str], environment: dict[str, str]) -> Iterator[list[int]]:
    """Those that run, until the end."""
    running = [tool for tool in (Tool(name, environment) for name in names) if tool.attaches()]
    try:
        yield [tool.process.pid for tool in running]
    finally:
        for tool in running:
            tool.end()


def running_here(environment: dict[str, str]) -> list[str]:
    found = []
    for name in TOOLS:
        if not Path(f"/usr/sbin/{name}-bpfcc").exists():
            continue
        tool = Tool(name, environment)
        if tool.attaches():
            found.append(name)
            tool.end()
    return found


def worked(directory: Path, watchers: list[int]) -> Used:
    """One turn of the work. Its processes have loaded everything when it begins."""
    command = [sys.executable, "-m", "bench.checkup_load", str(TURNS), str(directory)]
    count = PER_CPU * (os.cpu_count() or 1)
    processes = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) for _ in range(count)]
    wait_for(lambda: len(list(directory.glob("safe-*"))) == count, "the work to be ready")
    loading = sum(tree_cpu(each.pid).total for each in processes)
    before, began = sum(tree_cpu(pid).total for pid in watchers), time.monotonic()
    for each in processes:
        assert each.stdin is not None
        each.stdin.close()
    work = sum(cpu_of(each) for each in processes) - loading
    wall, watching = time.monotonic() - began, sum(tree_cpu(pid).total for pid in watchers) - before
    for path in directory.iterdir():
        path.unlink()
    return Used(wall, work, watching)


def cpu_of(process: "subprocess.Popen[bytes]") -> float:
    """Seconds, once it has ended."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("the work failed")
    return used.ru_utime + used.ru_stime


def compared(alone: list[Used], beside: list[Used]) -> str:
    """Percent more than without, the median of the rounds."""

    def more(measured: Callable[[Used], float]) -> float:
        return median(100 * (measured(one) / measured(other) - 1) for one, other in zip(beside, alone, strict=True))

    wall, work = more(lambda used: used.wall), more(lambda used: used.work)
    together = more(lambda used: used.work + used.watchers)
    return f"wall {wall:+.1f} %, CPU {together:+.1f} % (of the work alone {work:+.1f} %)"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with compiled_modules(), tempfile.TemporaryDirectory() as name, ExitStack() as parts:
        directory, load = Path(name), Path(name) / "load"
        load.mkdir()
        redis = RedisServer(directory)
        redis.start()
        parts.callback(redis.stop)
        agent = Agent(redis, directory)
        parts.callback(agent.kill_if_running)
        agent.start()
        let_settle(agent.process.pid)
        environment = kernel_headers(directory)
        names = running_here(environment)
        print(f"of {', '.join(TOOLS)} these run here: {', '.join(names) or 'none'}", flush=True)
        results = run_rounds(rounds, Check(redis, agent), load, names, environment)
    alone = results["alone"]
    print(
        f"the work alone: {median(one.wall for one in alone):.1f} s, {median(one.work for one in alone):.1f} s of CPU"
    )
    for who, beside in results.items():
        if who != "alone" and beside:
            print(f"beside the {who}: {compared(alone, beside)}")


def let_settle(pid: int) -> None:
    """An agent that began a moment ago reads what it may need of the programs that run."""
    deadline = time.monotonic() + SETTLES_S
    before = float("-inf")
    while (now := tree_cpu(pid).total) - before > QUIET_S and time.monotonic() < deadline:
        before = now
        time.sleep(LOOK_S)


def run_rounds(
    rounds: int, check: Check, load: Path, names: list[str], environment: dict[str, str]
) -> dict[str, list[Used]]:
    results: dict[str, list[Used]] = {"alone": [], "check": [], "BCC tools": []}
    pid = check.agent.process.pid
    for number in range(rounds):
        results["alone"].append(worked(load, [pid]))
        before = tree_cpu(pid).total
        with check.running():
            if number == 0:
                print(f"to begin took the agent {tree_cpu(pid).total - before:.1f} s of CPU, once", flush=True)
            results["check"].append(worked(load, [pid]))
        if names:
            with tools(names, environment) as pids:
                results["BCC tools"].append(worked(load, [pid, *pids]))
        last = {who: told[-1] for who, told in results.items() if told}
        shown = (f"{who} {used.wall:.2f} s, CPU {used.work:.2f} + {used.watchers:.2f} s" for who, used in last.items())
        print("; ".join(shown), flush=True)
    return results


if __name__ == "__main__":
    main()
