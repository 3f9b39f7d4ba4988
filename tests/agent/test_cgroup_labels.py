"""From a group's id to its path, and from there to who it is; also when process and group are gone."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from profiler.agent.cgroup_labels import CgroupLabeller, CgroupPaths
from profiler.agent.cgroups import cgroup_of
from profiler.agent.container_names import ContainerNames
from profiler.core.groups import CgroupLabels
from profiler.core.spec import PID_MAX
from tests.bpf.cgroup_directories import cgroup, mount

ID = "0123456789abcdef" * 4
NOBODY = PID_MAX  # no process has it


def test_a_groups_id_is_enough_when_its_processes_are_gone() -> None:
    with cgroup(mount("cgroup2")) as (path, inner):
        assert CgroupPaths().path(inner.stat().st_ino, NOBODY) == f"{path}/inner"


def test_a_group_that_came_later_is_found_through_its_process() -> None:
    paths = CgroupPaths()
    with cgroup(mount("cgroup2")) as (path, inner), subprocess.Popen(["sleep", "60"]) as process:
        (inner / "cgroup.procs").write_text(str(process.pid))
        found = paths.path(inner.stat().st_ino, process.pid)
        process.kill()
    assert found == f"{path}/inner"


def test_a_process_that_was_moved_meanwhile_does_not_lend_its_new_group(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = CgroupPaths()
    monkeypatch.setattr(paths, "_next_scan", 0.0)
    with cgroup(mount("cgroup2")) as (path, inner), subprocess.Popen(["sleep", "60"]) as process:
        (inner.parent / "cgroup.procs").write_text(str(process.pid))
        found = paths.path(inner.stat().st_ino, process.pid)
        process.kill()
    assert found == f"{path}/inner"


def test_a_group_that_came_and_went_has_no_path() -> None:
    mount("cgroup2")
    assert CgroupPaths().path(2**40, NOBODY) == ""


def test_in_the_root_of_the_unified_hierarchy_version_1_tells(tmp_path: Path) -> None:
    for kind in ("cgroup", "cgroup2"):
        (tmp_path / kind).mkdir()
    root = (tmp_path / "cgroup2").stat().st_ino
    both = f"none {tmp_path}/cgroup2 cgroup2 rw 0 0\nnone {tmp_path}/cgroup cgroup rw 0 0\n"
    assert CgroupPaths(both).path(root, os.getpid()) == cgroup_of(os.getpid())
    assert CgroupPaths(both).path(root, NOBODY) == ""
    alone = f"none {tmp_path}/cgroup2 cgroup2 rw 0 0\n"
    assert CgroupPaths(alone).path(root, NOBODY) == "/"


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
