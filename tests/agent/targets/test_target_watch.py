"""Targets that are there, that end, and that never were."""

import os
import signal
import subprocess
import time

import pytest

from profiler.agent.targets.target_groups import TargetError
from profiler.agent.targets.target_watch import TargetWatch
from profiler.core.spec import PID_MAX, RecordingSpec


def test_a_recording_of_everything_has_no_target_to_lose() -> None:
    watch = TargetWatch(RecordingSpec())
    watch.check(1.0)
    assert watch.alive
    assert not watch.exited


def test_a_target_that_ended_is_noted_once_with_its_time() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        watch = TargetWatch(RecordingSpec(pids=(process.pid, os.getpid())))
        watch.check(1.0)
        assert not watch.exited
        process.kill()
        process.wait()
        watch.check(2.5)
        watch.check(9.0)
    assert watch.exited == {f"pid {process.pid}": 2.5}
    assert watch.alive


def test_a_zombie_counts_as_ended() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        watch = TargetWatch(RecordingSpec(pids=(process.pid,)))
        os.kill(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while watch.alive and time.monotonic() < deadline:
            watch.check(1.0)
            time.sleep(0.01)
        assert not watch.alive


@pytest.mark.parametrize("sort", ["pid", "tid"])
def test_a_target_that_does_not_exist_is_named(sort: str) -> None:
    spec = RecordingSpec(pids=(PID_MAX,)) if sort == "pid" else RecordingSpec(tids=(PID_MAX,))
    with pytest.raises(TargetError, match=f"{sort} {PID_MAX} does not exist"):
        TargetWatch(spec)
