"""Where the time of threads goes, on the real kernel: nothing is missing, and who was woken waited for a CPU."""

import time
from pathlib import Path

import pytest

from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import NANOSECONDS, stacks, stolen_seconds
from tests.bpf.waiting import by_thread, recorded, through, waiter

pytestmark = pytest.mark.bpf

MAX_ERROR = 0.01
SECONDS = 2


def test_all_time_of_each_thread_is_told_once(build: Build, tmp_path: Path) -> None:
    with waiter(build("waits")) as target:
        target.does("threads", 0, tmp_path / "file")
        tids = {int(task.name) for task in Path(f"/proc/{target.pid}/task").iterdir()}
        with recorded(RecordingSpec(probe="wall", pids=(target.pid,))) as found:
            time.sleep(SECONDS)
    profile = found[0]
    assert len(tids) == 6
    elapsed_ns = profile.meta.duration_ns
    told = by_thread(profile)
    missing = {tid: elapsed_ns - told[tid] for tid in tids}
    assert {tid: ns for tid, ns in missing.items() if abs(ns) > MAX_ERROR * elapsed_ns} == {}, profile.quality
    assert not profile.quality.lost
    assert through(profile, "burns_on")["[on CPU]"] > 0
    assert through(profile, "sleeps_on")["[sleep]"] > 0
    assert through(profile, "locks_on")["[lock]"] > 0
    assert through(profile, "[woken by]")["[lock]"] > 0
    assert not through(profile, "[woken by]")["[on CPU]"]


def test_threads_that_come_and_go_are_told_from_beginning_to_end(build: Build) -> None:
    with waiter(build("waits")) as target:
        with recorded(RecordingSpec(probe="wall", pids=(target.pid,))) as found:
            target.does("lock", 5, 20)
        profile = found[0]
    assert abs(by_thread(profile)[target.pid] - profile.meta.duration_ns) < MAX_ERROR * profile.meta.duration_ns
    holders = {stack[0] for stack in stacks(profile) if "holder" in stack}
    assert "[sleep]" in holders
    assert len(by_thread(profile)) == 6
    assert through(profile, "pthread_create@GLIBC_2.2.5")["[run queue]"] or through(profile, "clone3")["[run queue]"]


def test_two_busy_threads_on_one_cpu_wait_for_each_other(build: Build) -> None:
    cpu = "0"
    with waiter(build("waits"), "taskset", "-c", cpu) as one, waiter(build("waits"), "taskset", "-c", cpu) as other:
        stolen = stolen_seconds(int(cpu))
        with recorded(RecordingSpec(probe="run_queue", pids=(one.pid, other.pid))) as found:
            for each in (one, other):
                each.begins("burn", 300)
            spent = {each.pid: each.ends() for each in (one, other)}
        stolen_ns = (stolen_seconds(int(cpu)) - stolen) * NANOSECONDS
    for pid, clocks in spent.items():
        waited = through(found[0], "burner", pid)
        assert abs(waited.total() - clocks.waited_ns) < 0.02 * clocks.elapsed_ns + stolen_ns
        assert waited["[preempted]"] > 0
    assert sum(clocks.waited_ns for clocks in spent.values()) > 300_000_000


def test_each_wake_up_counts_one_at_the_stack_of_who_did_it(build: Build) -> None:
    with waiter(build("waits")) as target:
        with recorded(RecordingSpec(probe="wakeups", pids=(target.pid,))) as found:
            target.does("ping", 17)
        profile = found[0]
    assert (profile.meta.kind, profile.meta.unit) == ("wakeups", "wake-ups")
    pings = sum(value for stack, value in stacks(profile).items() if "pinger" in stack and "ksys_write" in stack)
    assert pings == 17
    assert profile.total == profile.quality.samples
