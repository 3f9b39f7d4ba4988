"""Processes that targets start, down to those of some milliseconds: recorded when asked for, and only then."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from profiler.agent.sampling import filters
from profiler.agent.sampling.events import SKIPPED_CAUSES, Counter
from profiler.agent.sampling.recording import Recording
from profiler.agent.targets import children
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.cgroup_directories import cgroup, mount
from tests.bpf.conftest import Build
from tests.bpf.harness import assert_adds_up, cpu_seconds, record, record_samples, running, samples_by_thread, stacks

pytestmark = pytest.mark.bpf

ONE_AFTER_ANOTHER = 'while :; do "$0"; done'
PERIOD_NS = 2_000_000


def started(spec: RecordingSpec) -> Recording:
    recording = Recording(spec, ProfileMeta())
    recording.start()
    return recording


@contextmanager
def shell(script: str, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A shell in a session of its own, killed with all that it has started."""
    with subprocess.Popen(["bash", "-c", script, *arguments], start_new_session=True) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):  # all of it is gone
                os.killpg(process.pid, signal.SIGKILL)


def only_child(pid: int) -> int:
    """Once it runs its program."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        table = children.processes()
        for child in children.descendants([pid], table):
            if table[child][1] != "bash":
                return child
        time.sleep(0.01)
    raise TimeoutError(f"process {pid} has no child")


def pids(profile: Profile) -> set[int]:
    return {pid for (pid, _, _), count in samples_by_thread(profile).items() if count}


def comms(profile: Profile) -> set[str]:
    return {comm for (_, _, comm), count in samples_by_thread(profile).items() if count}


@contextmanager
def burst(*program: str | Path, children: int = 150) -> Iterator[subprocess.Popen[bytes]]:
    """A shell that waits for a line, then runs a program so many times, and ends."""
    loop = f'read; for ((i = 0; i < {children}; i++)); do "$@"; done'
    with subprocess.Popen(["bash", "-c", loop, "bash", *program], stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def recorded_burst(spec: RecordingSpec, process: subprocess.Popen[bytes]) -> tuple[Profile, float]:
    """All samples, and the CPU seconds that the kernel charged to the shell and its children meanwhile."""
    before = cpu_seconds(process.pid)
    recording = started(spec)
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    profile = recording.stop()
    assert_adds_up(profile)
    return profile, usage.ru_utime + usage.ru_stime - before


@pytest.mark.alone
def test_children_of_milliseconds_are_recorded_completely_when_asked_for(build: Build) -> None:
    with burst(build("brief")) as process:
        spec = RecordingSpec(count=PERIOD_NS, pids=(process.pid,), children=True)
        profile, used = recorded_burst(spec, process)
    assert len(pids(profile)) > 100
    assert comms(profile) == {"bash", "brief"}
    assert profile.total * PERIOD_NS / 1e9 == pytest.approx(used, rel=0.1)


def test_children_that_are_gone_have_the_names_of_the_process_they_were_forked_from(build: Build) -> None:
    with running(build("forks")) as process:
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), children=True), 500)
    found = stacks(profile)
    assert len(pids(profile)) > 20
    assert sum(count for stack, count in found.items() if stack[-3:] == ("main", "child", "burn")) > 0.8 * found.total()
    assert sum(count for stack, count in found.items() if "[process gone]" in stack) < 0.02 * found.total()


def test_children_are_not_recorded_unless_asked_for(build: Build) -> None:
    with running(build("forks")) as process:
        profile = record(RecordingSpec(frequency=999, pids=(process.pid,)), 1)
    assert pids(profile) <= {process.pid}


def test_a_child_that_runs_another_program_is_followed_and_so_are_its_children(build: Build) -> None:
    nested = f"while :; do bash -c '{build('brief')}; :'; done"
    with shell(nested) as process, running(build("busy")):
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), children=True), 500)
    assert comms(profile) == {"bash", "brief"}
    assert any(stack[-2:] == ("main", "burn") for stack in stacks(profile))
    assert len(pids(profile)) > 10


def test_children_that_were_there_at_the_start_are_followed(build: Build) -> None:
    with shell('"$0" & wait', build("busy")) as process:
        child = only_child(process.pid)
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), children=True), 100)
    assert pids(profile) == {child}


def test_what_threads_of_a_name_start_is_followed_under_its_own_name(build: Build, tmp_path: Path) -> None:
    unique = tmp_path / f"sh-{os.getpid()}"
    shutil.copy("/bin/bash", unique)
    with subprocess.Popen([unique, "-c", ONE_AFTER_ANOTHER, build("brief")], start_new_session=True) as process:
        try:
            profile = record_samples(RecordingSpec(frequency=999, comm=unique.name, children=True), 200)
            alone = record(RecordingSpec(frequency=999, comm=unique.name), 0.5)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert comms(profile) == {unique.name, "brief"}
    assert comms(alone) <= {unique.name}


def test_a_recording_goes_on_until_the_last_child_is_gone(build: Build) -> None:
    with shell('"$0" & wait', build("busy")) as process:
        child = only_child(process.pid)
        recording = started(RecordingSpec(frequency=99, pids=(process.pid,), children=True))
        process.kill()
        process.wait()
        deadline = time.monotonic() + 5
        while not recording.exited_targets and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(recording.exited_targets) == [f"pid {process.pid}"]
        assert recording.targets_alive()
        os.kill(child, signal.SIGKILL)
        while recording.targets_alive() and time.monotonic() < deadline + 5:
            time.sleep(0.01)
        alive = recording.targets_alive()
        recording.stop()
    assert not alive


def test_children_without_room_are_counted(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MAX_FOLLOWED", 2)
    monkeypatch.setattr(children, "MAX_FOLLOWED", 2)
    six = 'trap "for i in 1 2 3 4 5 6; do $0 & done" USR1; while :; do wait; done'
    with shell(six, build("busy")) as process:
        recording = started(RecordingSpec(frequency=99, pids=(process.pid,), children=True))
        process.send_signal(signal.SIGUSR1)
        skipped = 0
        deadline = time.monotonic() + 10
        while skipped < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
            skipped += recording.poll().quality.skipped.get(SKIPPED_CAUSES[Counter.NOT_FOLLOWED], 0)
        recording.stop()
    assert skipped == 4


def test_children_that_were_there_and_threads_of_a_group_without_room_are_counted(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, bound in ((filters, "MAX_FOLLOWED"), (children, "MAX_FOLLOWED"), (filters, "MAX_CGROUP_TASKS")):
        monkeypatch.setattr(module, bound, 2)
    with shell("sleep 60 & sleep 60 & sleep 60 & sleep 60 & wait") as process:
        deadline = time.monotonic() + 5
        while len(children.descendants([process.pid], children.processes())) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        family = RecordingSpec(frequency=99, pids=(process.pid,), children=True)
        assert skipped_of(family) == {SKIPPED_CAUSES[Counter.NOT_FOLLOWED]: 2}
        with cgroup(mount("cgroup")) as (path, inner):
            for pid in (process.pid, *children.descendants([process.pid], children.processes())):
                (inner / "cgroup.procs").write_text(str(pid))
            told = skipped_of(RecordingSpec(frequency=99, cgroup=path))
            os.killpg(process.pid, signal.SIGKILL)
    assert told == {"threads of the control group without room": 3}


def skipped_of(spec: RecordingSpec) -> dict[str, int]:
    recording = started(spec)
    causes = (SKIPPED_CAUSES[Counter.NOT_FOLLOWED], "threads of the control group without room")
    return {cause: count for cause, count in recording.stop().quality.skipped.items() if cause in causes}


@pytest.mark.alone
@pytest.mark.parametrize("kind", ["cgroup2", "cgroup"])
def test_all_short_lived_processes_of_a_cgroup_are_recorded(build: Build, kind: str) -> None:
    """Of a version 1 group, too, whose threads the program is told: what they start it adds itself."""
    with cgroup(mount(kind)) as (path, inner), burst(build("brief")) as process:
        (inner / "cgroup.procs").write_text(str(process.pid))
        profile, used = recorded_burst(RecordingSpec(count=PERIOD_NS, cgroup=path), process)
    assert len(pids(profile)) > 100
    assert profile.total * PERIOD_NS / 1e9 == pytest.approx(used, rel=0.1)
