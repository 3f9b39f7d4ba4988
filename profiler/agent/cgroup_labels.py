"""From a sample to its control group's path, and from there to its container and unit."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from profiler.agent.cgroups import cgroup_of, hierarchies
from profiler.agent.container_names import ContainerNames
from profiler.core.groups import CgroupLabels, labels_of

# Looking through the whole hierarchy takes 10 µs a group; groups that came and went are looked for at this interval.
_MIN_SCAN_INTERVAL_S = 1.0


class CgroupPaths:
    """Paths of the unified hierarchy's groups by their id, which BPF sends: processes may be gone when they are read.

    Where a sample is in the root of it and there are hierarchies of version 1, its process's /proc tells: no BPF
    helper does. `forget_processes` is to be called now and then, because processes move and their ids are used again.
    """

    def __init__(self, mounts: str | None = None) -> None:
        found = hierarchies(mounts)
        self._mount = next((hierarchy.path for hierarchy in found if hierarchy.unified), None)
        self._root = _inode(self._mount) if self._mount else None
        self._only_unified = bool(found) and all(hierarchy.unified for hierarchy in found)
        self._paths: dict[int, str] = {}
        self._by_process: dict[int, str] = {}
        self._next_scan = 0.0
        self._scan()

    def path(self, group: int, pid: int) -> str:
        """Empty when neither the group nor the process is there any more."""
        if group == self._root and self._only_unified:
            return "/"
        if self._mount is None or group == self._root:
            return self._of_process(pid)
        if group not in self._paths:
            self._find(self._mount, group, pid)
        return self._paths.get(group, "")

    def forget_processes(self) -> None:
        self._by_process.clear()

    def _of_process(self, pid: int) -> str:
        if pid not in self._by_process:
            self._by_process[pid] = cgroup_of(pid)
        return self._by_process[pid]

    def _find(self, mount: Path, group: int, pid: int) -> None:
        """The process tells at no cost, unless it has been moved or has ended since."""
        path = cgroup_of(pid)
        if path and _inode(Path(f"{mount}{path}")) == group:
            self._paths[group] = path
        elif time.monotonic() >= self._next_scan:
            self._scan()

    def _scan(self) -> None:
        self._next_scan = time.monotonic() + _MIN_SCAN_INTERVAL_S
        pending = [str(self._mount)] if self._mount else []
        while pending:
            try:
                entries = [entry for entry in os.scandir(pending.pop()) if entry.is_dir(follow_symlinks=False)]
            except OSError:  # removed meanwhile
                continue
            pending += [entry.path for entry in entries]
            self._paths |= {entry.inode(): entry.path.removeprefix(str(self._mount)) for entry in entries}


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
