"""Containers, units and pid namespaces as targets, and the labels by which a recording is split."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from profiler.agent.sampling.recording import Recording, RecordingError
from profiler.agent.targets import container_names, pid_namespaces
from profiler.core import batch
from profiler.core.frame import FrameKind
from profiler.core.groups import CgroupLabels
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from profiler.core.tree import build_tree
from tests.bpf.cgroup_directories import cgroup, mount
from tests.bpf.conftest import Build
from tests.bpf.harness import record_samples, running, samples_by_thread, stacks
from tests.core.test_tree import tree_paths
from tests.pythons import DISTRIBUTION

pytestmark = pytest.mark.bpf

CALLS = Path(__file__).parent.parent / "workloads" / "calls.py"
ID = f"{os.getpid():012x}" + "0123456789abcdef" * 3 + "fade"
KINDS = pytest.mark.parametrize("kind", ["cgroup2", "cgroup"])


def pids(profile: Profile) -> set[int]:
    return {pid for (pid, _, _), count in samples_by_thread(profile).items() if count}


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What Docker writes about a container; its name."""
    config = tmp_path / f"var/lib/docker/containers/{ID}/config.v2.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"Name": "/shop-web", "Config": {"Image": "shop/web:7"}}))
    monkeypatch.setattr(container_names, "HOST_ROOTS", (tmp_path,))
    return "shop-web"


@KINDS
def test_a_container_is_recorded_alone_by_its_name(build: Build, docker: str, kind: str) -> None:
    with cgroup(mount(kind), f"docker/{ID}") as (path, inner), running(build("busy")) as inside, running(build("busy")):
        (inner / "cgroup.procs").write_text(str(inside.pid))
        profile = record_samples(RecordingSpec(frequency=999, container=docker), 200)
    assert pids(profile) == {inside.pid}
    assert {thread.cgroup for thread in profile.threads} == {f"{path}/inner"}
    assert profile.cgroups == {f"{path}/inner": CgroupLabels(ID, "shop-web", "shop/web:7", "docker", "")}
    assert batch.decode(batch.encode(profile)).cgroups == profile.cgroups


@KINDS
def test_a_unit_is_recorded_alone_by_its_name(build: Build, kind: str) -> None:
    unit = f"webprof-test-{os.getpid()}.service"
    with cgroup(mount(kind), f"system.slice/{unit}") as (path, inner), running(build("busy")) as inside:
        (inner / "cgroup.procs").write_text(str(inside.pid))
        with running(build("busy")):
            profile = record_samples(RecordingSpec(frequency=999, unit=unit.removesuffix(".service")), 200)
    assert pids(profile) == {inside.pid}
    assert profile.cgroups == {f"{path}/inner": CgroupLabels(unit=unit)}


@pytest.mark.alone
def test_one_recording_of_the_whole_system_is_split_by_container_unit_and_process(build: Build, docker: str) -> None:
    unit = f"webprof-test-{os.getpid()}.service"
    top = mount("cgroup2")
    with (
        cgroup(top, f"docker/{ID}") as (_, container), cgroup(top, f"system.slice/{unit}") as (_, service),
        running(build("busy")) as first, running(build("busy")) as second,
    ):  # fmt: skip
        (container / "cgroup.procs").write_text(str(first.pid))
        (service / "cgroup.procs").write_text(str(second.pid))
        profile = record_samples(RecordingSpec(frequency=499), 1000)
    own = samples_by_thread(profile)
    by_container, by_unit = split(profile, "container"), split(profile, "unit")
    assert by_container[f"container {docker}"] == own[first.pid, first.pid, "busy"] > 5
    assert by_unit[unit] == own[second.pid, second.pid, "busy"] > 5
    assert by_container["no container"] >= own[second.pid, second.pid, "busy"]
    assert sum(by_container.values()) == sum(by_unit.values()) == profile.total
    both = tree_paths(build_tree(profile, ("container", "pid")))
    mine = sum(count for path, count in both.items() if path[1:3] == (f"container {docker}", f"pid {first.pid}"))
    assert mine == by_container[f"container {docker}"]


def split(profile: Profile, part: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for path, count in tree_paths(build_tree(profile, (part,))).items():  # type: ignore[arg-type] # one of GroupBy
        found[path[1]] += count
    return found


@KINDS
def test_every_sample_of_processes_of_milliseconds_has_its_cgroup(build: Build, kind: str) -> None:
    with cgroup(mount(kind)) as (path, inner), running(build("forks")) as process:
        (inner / "cgroup.procs").write_text(str(process.pid))
        profile = record_samples(RecordingSpec(frequency=999, cgroup=path), 300)
    assert len(pids(profile)) > 10
    assert {thread.cgroup for thread in profile.threads} == {f"{path}/inner"}


@pytest.mark.alone
def test_no_sample_of_a_whole_system_is_without_its_cgroup(build: Build) -> None:
    with running(build("forks")):
        profile = record_samples(RecordingSpec(frequency=999), 1000)
    known = sum(
        value
        for thread, value in zip(profile.thread.tolist(), profile.value.tolist(), strict=True)
        if profile.threads[thread].cgroup
    )
    assert known >= profile.total * 0.99


@KINDS
def test_a_recording_ends_with_its_container_and_says_so(build: Build, docker: str, kind: str) -> None:
    with cgroup(mount(kind), f"docker/{ID}") as (_, inner):
        recording = Recording(RecordingSpec(frequency=99, container=docker), ProfileMeta())
        with running(build("busy")) as inside:
            (inner / "cgroup.procs").write_text(str(inside.pid))
            recording.start()
            assert recording.targets_alive()
        remove_when_empty(inner)
        remove_when_empty(inner.parent)
        deadline = time.monotonic() + 10
        while recording.targets_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        recording.stop()
    assert list(recording.exited_targets) == ["container shop-web"]
    assert not recording.targets_alive()


def remove_when_empty(directory: Path) -> None:
    deadline = time.monotonic() + 5
    while directory.exists() and time.monotonic() < deadline:
        try:
            directory.rmdir()
        except OSError:
            time.sleep(0.01)


def test_a_container_that_is_not_there_is_named() -> None:
    with pytest.raises(RecordingError, match="can't start recording: container no-such does not exist on this host"):
        Recording(RecordingSpec(container="no-such"), ProfileMeta()).start()


def in_pid_namespace(*command: str | Path) -> "subprocess.Popen[bytes]":
    unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    return subprocess.Popen([*unshare, *command], start_new_session=True, stdout=subprocess.DEVNULL)


def host_pid(comm: str, ancestor: int) -> int:
    """Of the process that is number 1 in the namespace that `ancestor` has made."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for pid in pid_namespaces.host_pids(1):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == ancestor and Path(f"/proc/{pid}/comm").read_text().strip() == comm:
                return pid
        time.sleep(0.01)
    raise TimeoutError(f"{comm} does not run in a pid namespace")


def test_a_target_in_a_pid_namespace_is_recorded_under_its_id_on_the_host(build: Build) -> None:
    with in_pid_namespace(build("busy")) as outer:
        pid = host_pid("busy", outer.pid)
        profile = record_samples(RecordingSpec(frequency=999, pids=(pid,)), 200)
        os.kill(pid, signal.SIGKILL)
    assert set(samples_by_thread(profile)) == {(pid, pid, "busy")}
    assert stacks(profile).most_common(1)[0][0][-3:] == ("main", "turn", "heavy")


def test_pythons_functions_are_named_in_a_pid_namespace() -> None:
    with in_pid_namespace(DISTRIBUTION, CALLS) as outer:
        pid = host_pid("python3", outer.pid)
        profile = record_samples(RecordingSpec(frequency=499, pids=(pid,)), 300)
        os.kill(pid, signal.SIGKILL)
    assert pids(profile) == {pid}
    names = {frame.name for frame in profile.frames if frame.kind is FrameKind.PYTHON}
    assert names >= {"main", "outer", "spin", "größe_ночь"}


def test_children_in_a_pid_namespace_are_followed(build: Build) -> None:
    with in_pid_namespace(build("forks")) as outer:
        pid = host_pid("forks", outer.pid)
        profile = record_samples(RecordingSpec(frequency=999, pids=(pid,), children=True), 200)
        os.kill(pid, signal.SIGKILL)
    followed = pids(profile) - {pid}
    assert len(followed) > 5
    # The host's: inside they count from 2, and the host has given those to threads of the kernel (RESERVED_PIDS).
    assert min(followed) >= 300
