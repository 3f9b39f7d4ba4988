"""Each option of a recording, proven on workloads that differ in just that."""

import os
import threading
import time

import pytest

from profiler.agent.sampling.recording import Recording
from profiler.agent.targets.cgroups import find_cgroup
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.cgroup_directories import cgroup, mount
from tests.bpf.conftest import Build
from tests.bpf.harness import NANOSECONDS, record, record_samples, running, samples_by_thread, stacks, stolen_seconds

pytestmark = pytest.mark.bpf


def kinds(profile: Profile) -> set[FrameKind]:
    return {frame.kind for frame in profile.frames}


def pids(profile: Profile) -> set[int]:
    return {pid for (pid, _, _), count in samples_by_thread(profile).items() if count}


def test_pids_select_processes(build: Build) -> None:
    with running(build("busy")) as first, running(build("busy")) as second, running(build("busy")):
        profile = record(RecordingSpec(frequency=999, pids=(first.pid, second.pid)), 1)
    assert pids(profile) == {first.pid, second.pid}


def test_tids_select_threads(build: Build) -> None:
    with running(build("threads")) as process:
        assert process.stdout is not None
        tids = dict(process.stdout.readline().split() for _ in range(2))
        profile = record_samples(RecordingSpec(frequency=999, tids=(int(tids["first"]),)), 200)
    assert set(samples_by_thread(profile)) == {(process.pid, int(tids["first"]), "first")}


def test_comm_selects_threads_of_exactly_that_name(build: Build) -> None:
    name = f"of {os.getpid()}"  # others may run the same program
    with running(build("threads"), None, name) as process, running(build("busy")):
        profile = record_samples(RecordingSpec(frequency=999, comm=name), 200)
        prefix = record(RecordingSpec(frequency=999, comm=name[:-1]), 0.2)
    assert {(pid, comm) for pid, _, comm in samples_by_thread(profile)} == {(process.pid, name)}
    assert prefix.quality.samples == 0


def test_different_filters_are_joined_by_and(build: Build) -> None:
    with running(build("threads")) as process, running(build("threads")):
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), comm="first"), 200)
    assert {(pid, comm) for pid, _, comm in samples_by_thread(profile)} == {(process.pid, "first")}


@pytest.mark.parametrize("kind", ["cgroup2", "cgroup"])
def test_a_cgroup_selects_processes_in_it_and_below(build: Build, kind: str) -> None:
    with cgroup(mount(kind)) as (path, inner), running(build("busy")) as inside, running(build("busy")):
        (inner / "cgroup.procs").write_text(str(inside.pid))
        found = find_cgroup(path)
        assert found is not None
        assert found.unified is (kind == "cgroup2")
        profile = record_samples(RecordingSpec(frequency=999, cgroup=path), 200)
    assert pids(profile) == {inside.pid}
    assert {thread.cgroup for thread in profile.threads} == {f"{path}/inner"}


def test_a_process_that_enters_a_version_1_cgroup_later_is_sampled(build: Build) -> None:
    with cgroup(mount("cgroup")) as (path, inner), running(build("busy")) as late:
        timer = threading.Timer(0.3, lambda: (inner / "cgroup.procs").write_text(str(late.pid)))
        timer.start()
        profile = record_samples(RecordingSpec(frequency=999, cgroup=path), 200)
        timer.join()
    assert pids(profile) == {late.pid}


def test_one_cpu_is_sampled_alone(build: Build) -> None:
    first, *_, last = sorted(os.sched_getaffinity(0))
    with running(build("busy"), first) as here, running(build("busy"), last) as there:
        profile = record_samples(RecordingSpec(frequency=999, cpu=last), 200)
    assert there.pid in pids(profile)
    assert here.pid not in pids(profile)


def test_user_only_has_no_kernel_frame_and_keeps_every_sample(build: Build) -> None:
    with running(build("syscalls")) as process:
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 200)
    assert FrameKind.KERNEL not in kinds(profile)
    assert profile.total == profile.quality.samples >= 200


def test_kernel_only_has_no_user_frame_and_keeps_every_sample(build: Build) -> None:
    with running(build("syscalls")) as kernel, running(build("busy")) as user:
        profile = record_samples(RecordingSpec(frequency=999, pids=(kernel.pid, user.pid), kernel_only=True), 200)
    assert FrameKind.NATIVE not in kinds(profile)
    names = stacks(profile, user.pid)
    assert names[("[no kernel stack]",)] > names.total() * 0.5
    assert any("sys_read" in name for stack in stacks(profile, kernel.pid) for name in stack)


def test_kernel_frames_hang_below_the_user_frames_that_called(build: Build) -> None:
    with running(build("syscalls")) as process:
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,)), 200)
    stack = stacks(profile).most_common(1)[0][0]
    system_call = next(at for at, name in enumerate(stack) if "sys_read" in name)
    assert stack.index("main") < system_call


@pytest.mark.alone
def test_the_idle_task_is_not_sampled_unless_asked_for() -> None:
    assert 0 not in pids(record(RecordingSpec(frequency=999), 0.5))


@pytest.mark.alone
def test_the_idle_task_is_sampled_when_asked_for() -> None:
    recording = Recording(RecordingSpec(frequency=999, include_idle=True), ProfileMeta())
    recording.start()
    deadline = time.monotonic() + 120  # until a CPU has a moment of rest
    seen: set[int] = set()
    while 0 not in seen and time.monotonic() < deadline:
        time.sleep(0.1)
        seen |= pids(recording.poll())
    recording.stop()
    assert 0 in seen


@pytest.mark.alone
def test_a_count_is_the_cpu_time_between_samples(build: Build) -> None:
    cpu = sorted(os.sched_getaffinity(0))[-1]
    with running(build("busy"), cpu):
        stolen = stolen_seconds(cpu)
        profile = record(RecordingSpec(count=5_000_000, cpu=cpu), 2)
        used_ns = profile.meta.duration_ns - (stolen_seconds(cpu) - stolen) * NANOSECONDS
    assert profile.quality.samples == pytest.approx(used_ns / 5_000_000, rel=0.02)
    assert profile.meta.period_ns == 5_000_000
    assert profile.meta.duration_ns > 2 * NANOSECONDS
