"""Containers and systemd units: what a cgroup path says of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

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


# As much of a container's id as its runtimes show.
SHORT_ID = 12


class CgroupLabels(NamedTuple):
    """Whose a control group is, in words. What nobody tells is empty.

    `container` is the innermost container's id, `name` what people call it (`pod/container` in Kubernetes), `image`
    what it was started from, `runtime` who runs it; `unit` is the innermost systemd unit, which may lie in a container.
    """

    container: str = ""
    name: str = ""
    image: str = ""
    runtime: str = ""
    unit: str = ""


class ProcessLabels(NamedTuple):
    """What a process said of itself when its stacks were read: its own name, which its threads may not have.

    `variables` are those of its environment that somebody asked for, as (name, value).
    """

    comm: str = ""
    kernel: bool = False
    variables: tuple[tuple[str, str], ...] = ()


Key = TypeVar("Key")
Label = TypeVar("Label", CgroupLabels, ProcessLabels)


def fuller(mine: Mapping[Key, Label], theirs: Mapping[Key, Label]) -> dict[Key, Label]:
    """Both. Of two answers to one question the larger, fuller one stays in either order."""
    return {**mine, **{key: max(label, mine.get(key, label)) for key, label in theirs.items()}}


@dataclass(frozen=True)
class Group:
    """A container or unit. `name` is the container's id or the unit's name, `cgroup` the path of the group itself."""

    kind: str
    name: str
    runtime: str
    cgroup: str


def group_of(cgroup: str) -> Group | None:
    """The innermost container a cgroup path lies in, else the innermost unit, else None."""
    return container_of(cgroup) or unit_of(cgroup)


def container_of(cgroup: str) -> Group | None:
    """The innermost container a cgroup path lies in."""
    parts = cgroup.strip("/").split("/")
    for depth in range(len(parts), 0, -1):
        if found := _container(parts[depth - 1], parts[depth - 2] if depth > 1 else ""):
            name, runtime = found
            return Group(CONTAINER, name, runtime, "/" + "/".join(parts[:depth]))
    return None


def unit_of(cgroup: str) -> Group | None:
    """The innermost systemd unit a cgroup path lies in. A container's own scope is one."""
    parts = cgroup.strip("/").split("/")
    for depth in range(len(parts), 0, -1):
        if _UNIT.fullmatch(parts[depth - 1]):
            return Group(UNIT, parts[depth - 1], "systemd", "/" + "/".join(parts[:depth]))
    return None


def labels_of(cgroup: str) -> CgroupLabels:
    """What the path alone tells."""
    container, unit = container_of(cgroup), unit_of(cgroup)
    return CgroupLabels(
        container=container.name if container else "",
        runtime=container.runtime if container else "",
        unit=unit.name if unit else "",
    )


def _container(part: str, parent: str) -> tuple[str, str] | None:
    for pattern, runtime in _SCOPES:
        if match := pattern.fullmatch(part):
            return match["id"], runtime
    if parent == "lxc":
        return part, "lxc"
    if _BARE.fullmatch(part):
        return part, next((runtime for pattern, runtime in _PARENTS if pattern.fullmatch(parent)), "")
    return None
