"""Which control group a container or unit is; what is said when there is none, or more than one."""

import json
import os
from pathlib import Path

import pytest

from profiler.agent.targets.container_names import ContainerNames
from profiler.agent.targets.target_groups import TargetError, find_container, find_unit, target_group
from profiler.core.spec import RecordingSpec

WEB, DB = "0123456789abcdef" * 4, "fedcba9876543210" * 4
CGROUPS = [
    "/init.scope",
    "/system.slice",
    "/system.slice/nginx.service",
    "/system.slice/nginx.service/worker",
    f"/system.slice/docker-{WEB}.scope",
    f"/system.slice/docker-{WEB}.scope/system.slice/nginx.service",
    f"/docker/{DB}",
    "/lxc.payload.mail",
    "/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service",
    "/user.slice/user-1001.slice/user@1001.service/app.slice/sync.service",
]


@pytest.fixture
def names(tmp_path: Path) -> ContainerNames:
    for container, name in ((WEB, "/web"), (DB, "/db")):
        config = tmp_path / f"var/lib/docker/containers/{container}/config.v2.json"
        config.parent.mkdir(parents=True)
        config.write_text(json.dumps({"Name": name}))
    return ContainerNames(tmp_path)


@pytest.mark.parametrize("wanted", ["web", WEB, WEB[:12], WEB[:20]])
def test_a_container_is_found_by_name_id_and_beginning_of_its_id(wanted: str, names: ContainerNames) -> None:
    assert find_container(wanted, CGROUPS, names).cgroup == f"/system.slice/docker-{WEB}.scope"


def test_a_group_that_several_hierarchies_have_is_one_container(names: ContainerNames) -> None:
    assert find_container("db", CGROUPS * 3, names).cgroup == f"/docker/{DB}"


def test_the_name_of_a_container_comes_before_the_beginning_of_an_id(tmp_path: Path) -> None:
    config = tmp_path / f"var/lib/docker/containers/{DB}/config.v2.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"Name": WEB[:12]}))
    assert find_container(WEB[:12], CGROUPS, ContainerNames(tmp_path)).name == DB


@pytest.mark.parametrize("wanted", [WEB[:11], "we", "WEB", "worker"])
def test_a_container_that_is_not_there_is_named_with_those_that_are(wanted: str, names: ContainerNames) -> None:
    with pytest.raises(TargetError, match=f"container {wanted} does not exist on this host; .* db, mail, web$"):
        find_container(wanted, CGROUPS, names)


def test_a_host_without_containers_says_so(names: ContainerNames) -> None:
    with pytest.raises(TargetError, match="container web does not exist on this host; there are no containers"):
        find_container("web", ["/system.slice"], names)


def test_a_name_of_two_containers_is_refused_with_their_ids(tmp_path: Path) -> None:
    for container in (WEB, DB):
        config = tmp_path / f"var/lib/docker/containers/{container}/config.v2.json"
        config.parent.mkdir(parents=True)
        config.write_text(json.dumps({"Name": "twin"}))
    with pytest.raises(
        TargetError, match=f"not one but 2 on this host: give the id or cgroup of {WEB[:12]}, {DB[:12]}"
    ):
        find_container("twin", CGROUPS, ContainerNames(tmp_path))


@pytest.mark.parametrize("wanted", ["nginx.service", "nginx"])
def test_the_hosts_unit_comes_before_one_inside_of_a_container(wanted: str) -> None:
    assert find_unit(wanted, CGROUPS).cgroup == "/system.slice/nginx.service"


def test_slices_and_scopes_are_units() -> None:
    assert find_unit("system.slice", CGROUPS).cgroup == "/system.slice"
    assert find_unit("init.scope", CGROUPS).cgroup == "/init.scope"


def test_a_unit_of_two_users_is_refused_with_their_cgroups() -> None:
    with pytest.raises(TargetError, match=r"not one but 2 .*/user-1000.slice/.*, /user.slice/user-1001.slice/"):
        find_unit("sync", CGROUPS)


def test_a_unit_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(
        TargetError, match=r"unit cron.service does not exist on this host; there are the units .*nginx"
    ):
        find_unit("cron", CGROUPS)


def test_a_long_list_of_what_there_is_ends_early() -> None:
    units = [f"/system.slice/job-{i:03}.service" for i in range(100)]
    with pytest.raises(TargetError, match=r"job-011.service and 88 more$"):
        find_unit("cron", units)


def test_a_recording_without_a_group_has_none_and_a_missing_cgroup_is_named() -> None:
    assert target_group(RecordingSpec(pids=(os.getpid(),))) is None
    with pytest.raises(TargetError, match=r"^cgroup /no/such does not exist on this host$"):
        target_group(RecordingSpec(cgroup="/no/such"))
