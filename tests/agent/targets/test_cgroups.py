"""Which cgroup a process is in, and where that group is mounted."""

from pathlib import Path

from profiler.agent.targets.cgroups import CgroupDirectory, find_cgroup, parse_cgroup


def test_the_unified_hierarchy_says_where_a_process_is() -> None:
    assert parse_cgroup("0::/system.slice/cron.service\n") == "/system.slice/cron.service"


def test_on_version_1_a_controller_says_it_when_the_unified_one_only_knows_the_root() -> None:
    text = "9:name=systemd:/user.slice\n4:memory:/docker/abc\n2:cpuacct:/docker/abc\n0::/\n"
    assert parse_cgroup(text) == "/docker/abc"


def test_a_process_in_no_group_is_in_the_root() -> None:
    assert parse_cgroup("4:memory:/\n0::/\n") == "/"


def test_a_path_with_colons_stays_whole() -> None:
    assert parse_cgroup("0::/a:b/c\n") == "/a:b/c"


def mounts(root: Path, *kinds: str) -> str:
    for kind in kinds:
        (root / kind).mkdir()
    return "".join(f"none {root / kind} {kind} rw 0 0\n" for kind in kinds)


def test_the_unified_hierarchy_is_preferred(tmp_path: Path) -> None:
    text = mounts(tmp_path, "cgroup", "cgroup2")
    for kind in ("cgroup", "cgroup2"):
        (tmp_path / kind / "web").mkdir()
    assert find_cgroup("/web", text) == CgroupDirectory(tmp_path / "cgroup2" / "web", unified=True)


def test_a_group_that_only_version_1_has_is_found_there(tmp_path: Path) -> None:
    text = mounts(tmp_path, "cgroup", "cgroup2")
    (tmp_path / "cgroup" / "web").mkdir()
    assert find_cgroup("/web", text) == CgroupDirectory(tmp_path / "cgroup" / "web", unified=False)


def test_a_path_that_leaves_the_hierarchy_is_no_group(tmp_path: Path) -> None:
    text = mounts(tmp_path, "cgroup2")
    assert find_cgroup("/../cgroup2", text) is None
    assert find_cgroup("/missing", text) is None


def test_threads_of_groups_below_count_as_well(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "tasks").write_text("1\n2\n")
    (tmp_path / "inner" / "tasks").write_text("3\n")
    assert CgroupDirectory(tmp_path, unified=False).tids() == {1, 2, 3}
