"""What the agent takes is what the kernel says of it and of its helpers."""

import subprocess
import sys
import time

import pytest

from profiler.agent.cost import own_cost
from profiler.agent.cost.own_cost import Helpers
from tests.agent.servers import wait_for

BUSY = """
import sys, time
while time.process_time() < 0.3: pass
print(flush=True)
sys.stdin.read()
"""


def test_own_time_counts_all_threads_of_this_process() -> None:
    before, end = own_cost.read(), time.process_time() + 0.2
    while time.process_time() < end:
        pass
    now = own_cost.read()
    assert now.own_ns - before.own_ns >= 0.2e9
    assert now.at_ns > before.at_ns
    assert now.busy_ns - before.busy_ns >= 0.1e9  # counted in ticks of 10 ms
    assert now.rss_bytes > 1 << 20


def test_helpers_count_while_they_live_and_afterwards_other_children_never() -> None:
    helpers = Helpers()
    command = [sys.executable, "-c", BUSY]
    ours, other = (subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2))
    helpers.add(ours.pid)
    for child in (ours, other):
        assert child.stdout is not None
        child.stdout.readline()
    wait_for(lambda: helpers.cpu_ns() >= 0.29e9, "the helper's time")
    living = helpers.cpu_ns()
    assert living < 0.55e9
    for child in (ours, other):
        child.communicate()
    assert helpers.cpu_ns() == living
    assert helpers.cpu_ns() == living


def test_a_helper_that_never_was_costs_nothing() -> None:
    helpers = Helpers()
    helpers.add(2**22)
    assert helpers.cpu_ns() == 0


def test_what_a_helper_has_of_spare_time_is_cost_but_not_charged() -> None:
    helpers = Helpers()
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        helpers.add(child.pid)
        helpers.spare(child.pid, True)
        assert child.stdout is not None
        child.stdout.readline()
        wait_for(lambda: helpers.cpu_ns() >= 0.29e9, "the helper's time")
        charged = helpers.charged_ns()
        assert charged < 0.1e9  # from before it was told
        helpers.spare(child.pid, False)
        assert helpers.charged_ns() - charged < 0.1e9
        child.communicate()
    helpers.spare(child.pid, True)  # too late
    assert helpers.cpu_ns() >= 0.29e9


HOLDING = "import sys; held = bytearray(64 << 20); print(flush=True); sys.stdin.read()"


@pytest.mark.parametrize("is_idle", [False, True])
def test_memory_of_helpers_counts_as_long_as_they_live(is_idle: bool) -> None:
    helpers = Helpers()
    command = [sys.executable, "-c", HOLDING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as helper:
        assert helper.stdout is not None
        helper.stdout.readline()
        assert helpers.memory_bytes() == 0
        helpers.add(helper.pid, is_idle=is_idle)
        assert 64 << 20 <= helpers.memory_bytes() < 80 << 20
        helper.communicate()
    assert helpers.memory_bytes() == 0
    assert helpers.cpu_ns() < 1e9 if not is_idle else helpers.cpu_ns() == 0
