"""From a sample to its control group's path, and from there to its container and unit."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from profiler.agent.targets.cgroup_v1 import controllers, macros, named_groups
from profiler.agent.targets.cgroups import cgroup_of, hierarchies
from profiler.agent.targets.container_names import ContainerNames
from profiler.core.groups import CgroupLabels, labels_of

# Looking through the whole hierarchy takes 10 µs a group; groups that came and went are looked for at this interval.
_MIN_SCAN_INTERVAL_S = 1.0


class _Hierarchy:
    """The paths of one hierarchy's groups, by their directories' inode numbers."""

    def __init__(self, mount: Path) -> None:
        self._mount = mount
        self.root = _inode(mount)
        self.paths: dict[int, str] = {}
        self._next_scan = 0.0
        self._scan()

    def find(self, group: int, pid: int) -> str:
        """The process tells at no cost, unless it has been moved or has ended since. Empty when the group is gone."""
        if group not in self.paths:
            path = cgroup_of(pid)
            if path and _inode(Path(f"{self._mount}{path}")) == group:
                self.paths[group] = path
            elif time.monotonic() >= self._next_scan:
                self._scan()
        return self.paths.get(group, "")

    def _scan(self) -> None:
        self._next_scan = time.monotonic() + _MIN_SCAN_INTERVAL_S
        pending = [str(self._mount)]
        while pending:
            try:
                entries = [entry for entry in os.scandir(pending.pop()) if entry.is_dir(follow_symlinks=False)]
            except OSError:  # removed meanwhile
                continue
            pending += [entry.path for entry in entries]
            self.paths |= {entry.inode(): entry.path.removeprefix(str(self._mount)) for entry in entries}


class CgroupPaths:
    """Paths of control groups by their id, which BPF sends: processes may be gone when their stacks are read.

    In the root of all hierarchies that BPF sees there may still be one that it doesn't, systemd's own: then /proc
    tells. `forget_processes` is to be called now and then, because processes move and their ids are used again.
    """

    def __init__(self, mounts: str | None = None) -> None:
        found = hierarchies(mounts)
        unified = next((hierarchy.path for hierarchy in found if hierarchy.unified), None)
        paths = [unified, *(controller.mount for controller in controllers(mounts))]
        self._hierarchies = [_Hierarchy(path) if path else None for path in paths]
        self._only_unified = bool(found) and all(hierarchy.unified for hierarchy in found)
        self._sees_all = self._only_unified or (bool(macros()) and not named_groups(mounts))
        self._by_process: dict[int, str] = {}

    def path(self, group: int, number: int, pid: int) -> str:
        """`number` of the hierarchy as in a StackEvent. Empty when neither the group nor the process is there now."""
        hierarchy = self._hierarchies[number] if number < len(self._hierarchies) else None
        if hierarchy is not None and group != hierarchy.root:
            return hierarchy.find(group, pid)
        if self._only_unified:
            return "/"
        if pid not in self._by_process:
            self._by_process[pid] = cgroup_of(pid) or ("/" if self._sees_all else "")
        return self._by_process[pid]

    def forget_processes(self) -> None:
        self._by_process.clear()


class CgroupLabeller:
    """Names and images are looked up once a container."""

    def __init__(self, names: ContainerNames | None = None) -> None:
        self._names = names or ContainerNames()

    def labels(self, paths: Iterable[str]) -> dict[str, CgroupLabels]:
        """Of the paths in a container or unit."""
        found = {path: self._of(path) for path in paths}
        return {path: labels for path, labels in found.items() if any(labels)}

    def _of(self, path: str) -> CgroupLabels:
        labels = labels_of(path)
        if not labels.container:
            return labels
        facts = self._names.facts(labels.container, labels.runtime)
        return labels._replace(name=facts.name, image=facts.image)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
