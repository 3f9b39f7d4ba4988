"""What BPF needs to tell the control group of a task where controllers are mounted as version 1: cgroup_id.h."""

import functools
import logging
from dataclasses import dataclass
from pathlib import Path

from profiler.agent.kernel.btf import Btf, BtfError
from profiler.agent.targets.cgroups import CGROUP_MOUNTS

logger = logging.getLogger(__name__)

# Of the controllers, in the order of `cgroups.parse_cgroup`: containers have a group in each, so the first tells.
_CONTROLLERS = ("cpuacct", "cpu", "memory", "pids")
_FIELDS = {
    "OFF_TASK_CGROUPS": ("task_struct", "cgroups"),
    "OFF_CSS_SET_SUBSYS": ("css_set", "subsys"),
    "OFF_CSS_CGROUP": ("cgroup_subsys_state", "cgroup"),
    "OFF_CGROUP_NODE": ("cgroup", "kn"),
    "OFF_NODE_ID": ("kernfs_node", "id"),
}
SWITCH = "CGROUP_V1"


@dataclass(frozen=True)
class Controller:
    """A version 1 hierarchy."""

    name: str
    mount: Path


def controllers(mounts: str | None = None) -> tuple[Controller, ...]:
    """Those of a host, in the order in which they are asked. The first has the number 1 in a StackEvent."""
    found: dict[str, Path] = {}
    for line in (mounts if mounts is not None else CGROUP_MOUNTS.read_text()).splitlines():
        fields = line.split()
        if len(fields) >= 4 and fields[2] == "cgroup":
            found |= dict.fromkeys(fields[3].split(","), Path(fields[1]))
    return tuple(Controller(name, found[name]) for name in _CONTROLLERS if name in found)


def named_groups(mounts: str | None = None) -> bool:
    """Whether a hierarchy without a controller, such as systemd's own, has groups: BPF does not see them."""
    rows = [line.split() for line in (mounts if mounts is not None else CGROUP_MOUNTS.read_text()).splitlines()]
    named = [Path(row[1]) for row in rows if len(row) >= 4 and row[2] == "cgroup" and ",name=" in f",{row[3]}"]
    return any(path.is_dir() for mount in named for path in mount.iterdir())


@functools.cache
def macros() -> dict[str, int]:
    """Empty on hosts that have only the unified hierarchy, and on kernels without BTF: then only /proc can tell."""
    names = [controller.name for controller in controllers()]
    if not names:
        return {}
    try:
        btf = Btf.of_running_kernel()
        places = {f"{SWITCH}_{i}": btf.enumerator(f"{name}_cgrp_id") for i, name in enumerate(names)}
        return places | {macro: btf.offset(*field) for macro, field in _FIELDS.items()}
    except BtfError as error:
        logger.warning("control groups of processes that end at once stay unknown: %s", error)
        return {}
