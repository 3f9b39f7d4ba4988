"""Containers and systemd units: what a cgroup path says, and how much CPU a cgroup has used."""

import re
from dataclasses import dataclass
from pathlib import Path

from profiler.agent.cgroups import CGROUP_MOUNTS

CONTAINER, UNIT = "container", "unit"
_ID = r"(?P<id>[0-9a-f]{64})"
# systemd's cgroup driver, and containerd's way to join a slice and a name.
_SCOPES = (
    (re.compile(rf"docker-{_ID}\.scope"), "docker"),
    (re.compile(rf"(?:.*:)?cri-containerd[-:]{_ID}(?:\.scope)?"), "containerd"),
    (re.compile(rf"crio-{_ID}(?:\.scope)?"), "cri-o"),
    (re.compile(rf"libpod-{_ID}(?:\.scope)?"), "podman"),
    (re.compile(r"lxc\.payload\.(?P<id>.+)"), "lxc"),
    (re.compile(r"machine-(?P<id>.+)\.scope"), "systemd-nspawn"),
)
# The cgroupfs driver: a bare id (or LXC's name) below a directory that tells the runtime.
_BARE = re.compile(_ID)
_PARENTS = ((re.compile(r"docker"), "docker"), (re.compile(r"kubepods.*|pod[0-9a-f-]+"), "containerd"))
_UNIT = re.compile(r".+\.(?:service|scope)")


@dataclass(frozen=True)
class Group:
    """A container or unit. `name` is the container's id or the unit's name, `cgroup` the path of the group itself."""

    kind: str
    name: str
    runtime: str
    cgroup: str


def group_of(cgroup: str) -> Group | None:
    """The innermost container a cgroup path lies in, else the innermost unit, else None."""
    parts = cgroup.strip("/").split("/")
    for depth in range(len(parts), 0, -1):
        if found := _container(parts[depth - 1], parts[depth - 2] if depth > 1 else ""):
            name, runtime = found
            return Group(CONTAINER, name, runtime, "/" + "/".join(parts[:depth]))
    for depth in range(len(parts), 0, -1):
        if _UNIT.fullmatch(parts[depth - 1]):
            return Group(UNIT, parts[depth - 1], "systemd", "/" + "/".join(parts[:depth]))
    return None


def _container(part: str, parent: str) -> tuple[str, str] | None:
    for pattern, runtime in _SCOPES:
        if match := pattern.fullmatch(part):
            return match["id"], runtime
    if parent == "lxc":
        return part, "lxc"
    if _BARE.fullmatch(part):
        return part, next((runtime for pattern, runtime in _PARENTS if pattern.fullmatch(parent)), "")
    return None


class CgroupCpu:
    """CPU time of cgroups, from version 2's `cpu.stat` or version 1's `cpuacct.usage`."""

    def __init__(self, mounts: str | None = None) -> None:
        lines = (mounts if mounts is not None else CGROUP_MOUNTS.read_text()).splitlines()
        self._unified = self._accounting = None
        for _, mount, kind, options, *_ in (line.split() for line in lines):
            if kind == "cgroup2":
                self._unified = Path(mount)
            elif kind == "cgroup" and "cpuacct" in options.split(","):
                self._accounting = Path(mount)

    def usage_ns(self, cgroup: str) -> int | None:
        """CPU time since the cgroup was made, None when no hierarchy tells."""
        relative = cgroup.lstrip("/")
        if self._unified is not None and (text := _text(self._unified / relative / "cpu.stat")):
            return int(text.split(None, 2)[1]) * 1000  # first line: usage_usec N
        if self._accounting is not None and (text := _text(self._accounting / relative / "cpuacct.usage")):
            return int(text)
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
