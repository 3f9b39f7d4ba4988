"""Time on the CPU, off it and in the queue for it agrees with what the kernel itself keeps of a thread."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from profiler.core.probe import Hook
from profiler.probes.scheduling import SWITCH_HOOKS
from tests.bpf.harness import PATIENCE_S
from tests.bpf.probes.histograms import COMM, NAMED, Counted, counting, load

pytestmark = pytest.mark.bpf

SLEEPS, NAP_S = 101, 0.002
# What a thread reads of itself: run time, time in the queue, turns on the CPU; and how often it left the CPU.
STATES = """
import time
def kept():
    with open("/proc/self/schedstat") as file: ran, waited, turns = map(int, file.read().split())
    with open("/proc/self/status") as file: left = sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return ran, waited, turns, left, time.monotonic_ns()
def around(work):
    before = kept()
    name(NAME)
    inside = kept()
    work()
    after = kept()
    name("done")
    outside = kept()
    print(*(b - a for a, b in zip(inside, after)), *(b - a for a, b in zip(before, outside)))
"""
NAPS = f"{STATES}\naround(lambda: [time.sleep({NAP_S}) for _ in range({SLEEPS})])"


@dataclass(frozen=True)
class Kept:
    """By the kernel, of a load: at least while it had its name, at most a moment longer."""

    ran_ns: int
    waited_ns: int
    turns: int
    left: int
    elapsed_ns: int


def kept(words: list[str]) -> tuple[Kept, Kept]:
    numbers = list(map(int, words))
    return Kept(*numbers[:5]), Kept(*numbers[5:])


def agrees(counted: Counted, least: int, most: int, threads: int = 1) -> bool:
    """Some kernels keep switches from some tasks to themselves; such a one shows when its thread leaves again, so each
    thread's last may be missing.
    """
    return least - threads - counted.lost <= sum(counted.events.values()) <= most


def test_every_turn_in_the_queue_is_counted() -> None:
    with counting("run_queue_latency", comm=COMM) as counted:
        least, most = kept(load(NAPS))
    assert least.turns >= SLEEPS
    assert agrees(counted, least.turns, most.turns)
    assert sum(counted.sums.values()) <= most.elapsed_ns
    assert all(labels[0].startswith("CPU ") for labels in counted.events)


@pytest.mark.parametrize("hook", SWITCH_HOOKS, ids=[hook.name for hook in SWITCH_HOOKS])
def test_every_time_off_the_cpu_is_counted_by_state_and_no_sleep_is_short(hook: Hook) -> None:
    with counting("off_cpu_time", hook=hook, comm=COMM) as counted:
        least, most = kept(load(NAPS))
    assert agrees(counted, least.left, most.left)
    assert SLEEPS - 1 - counted.lost <= counted.events[("interruptible",)]
    # A nap begins some instructions before its thread leaves the CPU, which others may stretch a few times.
    assert (SLEEPS - 6 - counted.lost) * NAP_S * 1e9 <= sum(counted.sums.values()) <= most.elapsed_ns


def test_every_turn_on_the_cpu_is_counted_with_at_least_the_time_it_ran() -> None:
    with counting("on_cpu_time", comm=COMM) as counted:
        least, most = kept(load(NAPS))
    assert agrees(counted, least.left, most.left)
    assert SLEEPS - 1 - counted.lost <= counted.events[("went to wait",)]
    assert sum(counted.sums.values()) <= most.elapsed_ns


def test_two_busy_tasks_on_one_cpu_wait_for_each_other_as_long_as_the_kernel_says() -> None:
    """Each of them runs for 0.7 s of CPU time, so whichever is ready first has waited for about as long."""
    busy = f"""{NAMED}{STATES}
import os
os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})
ended = time.process_time() + 0.7
def work():
    while time.process_time() < ended: pass
around(work)
"""
    with counting("run_queue_latency", comm=COMM) as counted:
        both = [subprocess.Popen([sys.executable, "-S", "-c", busy], stdout=-1, text=True) for _ in range(2)]
        told = [kept(one.communicate(timeout=PATIENCE_S)[0].split()) for one in both]
    waited = sum(counted.sums.values())
    least, most = sum(one.waited_ns for one, _ in told), sum(one.waited_ns for _, one in told)
    assert least > 500_000_000
    # The kernel looks at its clock some instructions earlier than the program. How long what is lost took nobody knows.
    assert (0 if counted.lost else 0.75 * least) <= waited <= 1.05 * most
    turns = [(one.turns, other.turns) for one, other in told]
    assert agrees(counted, sum(one for one, _ in turns), sum(other for _, other in turns), threads=2)
