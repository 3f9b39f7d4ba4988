"""Off-CPU time on the real kernel: as much as the kernel's own clocks say that threads waited, and what for."""

from pathlib import Path

import pytest

from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.waiting import Waiter, recorded, through, waiter

pytestmark = pytest.mark.bpf

# The promise is 2 %; what a thread does on its CPU is told apart, so that how busy the machine is changes nothing.
MAX_ERROR = 0.02


def off_cpu(target: Waiter, **more: object) -> RecordingSpec:
    return RecordingSpec.model_validate({"probe": "off_cpu", "pids": (target.pid,), **more})


def test_sleeps_take_as_long_as_the_clock_says(build: Build) -> None:
    with waiter(build("waits")) as target:
        with recorded(off_cpu(target)) as found:
            spent = target.does("sleep", 13, 20)
        profile = found[0]
    assert (profile.meta.kind, profile.meta.probe, profile.meta.unit) == ("off_cpu", "off_cpu", "nanoseconds")
    assert profile.meta.period_ns == 0
    waited = through(profile, "sleeper")
    assert abs(waited.total() - spent.waited_ns) < MAX_ERROR * spent.waited_ns
    assert waited["[sleep]"] >= 13 * 20_000_000, "a sleep is never shorter than it was asked for"
    assert not profile.quality.lost
    assert profile.quality.outcomes["end"] >= 13


def test_waits_for_a_lock_and_for_a_disk_are_told_apart(build: Build, tmp_path: Path) -> None:
    with waiter(build("waits")) as target, recorded(off_cpu(target)) as found:
        target.does("lock", 3, 50)
        target.does("disk", 5, tmp_path / "file")
    assert through(found[0], "locker")["[lock]"] > 0
    assert through(found[0], "holder")["[sleep]"] >= 3 * 50_000_000
    assert not through(found[0], "locker")["[sleep]"]


def test_waits_outside_of_the_bounds_are_left_out(build: Build) -> None:
    spec = {"parameters": {"least_us": 100_000, "most_us": 3_000_000_000}}
    with waiter(build("waits")) as target, recorded(off_cpu(target, **spec)) as found:
        target.does("sleep", 3, 20)
        spent = target.does("sleep", 2, 150)
    waited = through(found[0], "sleeper")["[sleep]"]
    assert 2 * 150_000_000 <= waited <= spent.elapsed_ns
