"""From a group's id to its path, and from there to who it is; also when process and group are gone."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from profiler.agent.targets import cgroup_labels, cgroup_v1
from profiler.agent.targets.cgroup_labels import CgroupLabeller, CgroupPaths
from profiler.agent.targets.cgroups import cgroup_of
from profiler.agent.targets.container_names import ContainerNames
from profiler.core.groups import CgroupLabels
from profiler.core.spec import PID_MAX
from tests.bpf.cgroup_directories import cgroup, mount

ID = "0123456789abcdef" * 4
NOBODY = PID_MAX  # no process has it


def test_a_groups_id_is_enough_when_its_processes_are_gone() -> None:
    with cgroup(mount("cgroup2")) as (path, inner):
        assert CgroupPaths().path(inner.stat().st_ino, 0, NOBODY) == f"{path}/inner"


def test_a_group_that_came_later_is_found_through_its_process() -> None:
    paths = CgroupPaths()
    with cgroup(mount("cgroup2")) as (path, inner), subprocess.Popen(["sleep", "60"]) as process:
        (inner / "cgroup.procs").write_text(str(process.pid))
        found = paths.path(inner.stat().st_ino, 0, process.pid)
        process.kill()
    assert found == f"{path}/inner"


def test_a_process_that_was_moved_meanwhile_does_not_lend_its_new_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup_labels, "_MIN_SCAN_INTERVAL_S", 0.0)
    paths = CgroupPaths()
    with cgroup(mount("cgroup2")) as (path, inner), subprocess.Popen(["sleep", "60"]) as process:
        (inner.parent / "cgroup.procs").write_text(str(process.pid))
        found = paths.path(inner.stat().st_ino, 0, process.pid)
        process.kill()
    assert found == f"{path}/inner"


def test_a_group_that_came_and_went_has_no_path() -> None:
    mount("cgroup2")
    assert CgroupPaths().path(2**40, 0, NOBODY) == ""


def test_in_the_root_of_what_bpf_sees_the_process_tells(tmp_path: Path) -> None:
    """systemd's own hierarchy is one that BPF does not see: as long as it has groups, a gone process is anywhere."""
    for kind in ("cgroup2", "memory", "systemd"):
        (tmp_path / kind).mkdir()
    (tmp_path / "systemd" / "user.slice").mkdir()
    root = (tmp_path / "cgroup2").stat().st_ino
    alone = f"none {tmp_path}/cgroup2 cgroup2 rw 0 0\n"
    hybrid = (
        alone + f"none {tmp_path}/memory cgroup rw,memory 0 0\nnone {tmp_path}/systemd cgroup rw,name=systemd 0 0\n"
    )
    assert CgroupPaths(alone).path(root, 0, NOBODY) == "/"
    assert CgroupPaths(hybrid).path(root, 0, os.getpid()) == cgroup_of(os.getpid())
    assert CgroupPaths(hybrid).path(root, 0, NOBODY) == ""
    (tmp_path / "systemd" / "user.slice").rmdir()
    if cgroup_v1.macros():
        assert CgroupPaths(hybrid).path(root, 0, NOBODY) == "/"


def test_a_group_of_version_1_is_found_in_its_own_hierarchy(tmp_path: Path) -> None:
    for kind in ("cgroup2", "memory", "cpu"):
        (tmp_path / kind / "docker" / kind).mkdir(parents=True)
    text = "".join(f"none {tmp_path}/{kind} cgroup rw,{kind} 0 0\n" for kind in ("memory", "cpu"))
    paths = CgroupPaths(text + f"none {tmp_path}/cgroup2 cgroup2 rw 0 0\n")
    for number, kind in enumerate(("cgroup2", "cpu", "memory")):
        assert paths.path((tmp_path / kind / "docker" / kind).stat().st_ino, number, NOBODY) == f"/docker/{kind}"


def test_controllers_are_asked_in_one_order_however_they_are_mounted() -> None:
    text = "c /c/pids cgroup rw,pids 0 0\nc /c/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\nc /c/u cgroup2 rw 0 0\n"
    assert [(one.name, str(one.mount)) for one in cgroup_v1.controllers(text)] == [
        ("cpuacct", "/c/cpu,cpuacct"),
        ("cpu", "/c/cpu,cpuacct"),
        ("pids", "/c/pids"),
    ]


def test_labels_are_those_of_containers_and_units_alone(tmp_path: Path) -> None:
    config = tmp_path / f"var/lib/docker/containers/{ID}/config.v2.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"Name": "/web", "Config": {"Image": "nginx:1.27"}}))
    labeller = CgroupLabeller(ContainerNames(tmp_path))
    found = labeller.labels(
        ["/", "", f"/system.slice/docker-{ID}.scope", "/system.slice/cron.service/x", "/user.slice"]
    )
    assert found == {
        f"/system.slice/docker-{ID}.scope": CgroupLabels(ID, "web", "nginx:1.27", "docker", f"docker-{ID}.scope"),
        "/system.slice/cron.service/x": CgroupLabels(unit="cron.service"),
    }
