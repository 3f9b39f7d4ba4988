"""Control groups of processes: version 2, version 1, or both at once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CGROUP_MOUNTS = Path("/proc/self/mounts")
# Of the version 1 hierarchies, the first that exists says where a process belongs: containers have one in each.
_V1_CONTROLLERS = ("cpuacct", "cpu", "cpu,cpuacct", "memory", "pids", "name=systemd")


def parse_cgroup(text: str) -> str:
    """The path of a process out of /proc/PID/cgroup: the unified hierarchy's unless it only says `/`."""
    paths = {}
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        controller, _, path = rest.partition(":")
        paths[controller] = path
    if paths.get("", "/") != "/":
        return paths[""]
    for controller in (*_V1_CONTROLLERS, *paths):
        if paths.get(controller, "/") != "/":
            return paths[controller]
    return "/" if paths else ""


def cgroup_of(pid: int) -> str:
    """The cgroup path of a process, empty when it is gone."""
    try:
        return parse_cgroup(Path(f"/proc/{pid}/cgroup").read_text(errors="replace"))
    except OSError:
        return ""


@dataclass(frozen=True)
class CgroupDirectory:
    """Where a cgroup path is mounted. `unified` says whether BPF itself can test membership."""

    path: Path
    unified: bool

    def tids(self) -> set[int]:
        """All threads in the group and the groups below it."""
        found: set[int] = set()
        name = "cgroup.threads" if self.unified else "tasks"
        for directory, _, files in os.walk(self.path):
            if name in files:
                found.update(_read_ids(Path(directory) / name))
        return found


def find_cgroup(path: str, mounts: str | None = None) -> CgroupDirectory | None:
    """The directory of a cgroup path, the unified hierarchy's first. None when no hierarchy has it."""
    for hierarchy in hierarchies(mounts):
        directory = Path(f"{hierarchy.path}{path}")
        if ".." not in path.split("/") and directory.is_dir():
            return CgroupDirectory(directory, hierarchy.unified)
    return None


def hierarchies(mounts: str | None = None) -> list[CgroupDirectory]:
    """Where hierarchies are mounted, the unified one first."""
    lines = (mounts if mounts is not None else CGROUP_MOUNTS.read_text()).splitlines()
    entries = [line.split() for line in lines]
    return [
        CgroupDirectory(Path(mount), wanted == "cgroup2")
        for wanted in ("cgroup2", "cgroup")
        for _, mount, kind, *_ in (entry for entry in entries if len(entry) >= 4)
        if kind == wanted
    ]


def all_cgroups(mounts: str | None = None) -> Iterator[str]:
    """The path of every group but the root, once for each hierarchy that has it."""
    for hierarchy in hierarchies(mounts):
        for directory, _, _ in os.walk(hierarchy.path):
            if directory != str(hierarchy.path):
                yield directory.removeprefix(str(hierarchy.path))


def _read_ids(path: Path) -> list[int]:
    try:
        return [int(line) for line in path.read_text().split()]
    except OSError:  # the group went away, or it is a threaded group that can't be read
        return []
