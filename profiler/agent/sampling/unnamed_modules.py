"""The files behind functions without a name: what a person has to look for to name them."""

import functools
import os
from collections import Counter
from pathlib import Path

from profiler.agent.host.packages import Owner, PackageOwners
from profiler.agent.unwind.mappings import read_mappings
from profiler.core.frame import Frame, FrameKind
from profiler.core.quality import MAX_MODULES, ModuleFacts

# A process may be gone when it is looked at; another one with the same file may come.
_TRIES = 3


@functools.cache
def shared_owners() -> PackageOwners:
    """The agent's; what it knows outlives recordings."""
    return PackageOwners()


class UnnamedModules:
    """Of one recording. Not thread-safe; the recording holds a lock."""

    def __init__(self, owners: PackageOwners | None = None) -> None:
        self._owners = owners or shared_owners()
        self._paths: dict[tuple[str, str], str] = {}
        self._tries: Counter[tuple[str, str]] = Counter()

    def note(self, pid: int, frame: Frame) -> None:
        """A stack of the process ends in a function without a name. Reads /proc when the file is new."""
        key = frame.module, frame.build_id
        if frame.kind is not FrameKind.NATIVE or self._paths.get(key) or self._tries[key] >= _TRIES:
            return
        if key in self._paths or len(self._paths) < MAX_MODULES:
            self._tries[key] += 1
            self._paths[key] = _path_on_host(pid, frame.module)

    def facts(self, *, packages: bool = False) -> tuple[ModuleFacts, ...]:
        """With `packages`: also who owns the files, which may take some hundredths of a second."""
        owners = self._owners.of(filter(None, self._paths.values())) if packages else {}
        found = []
        for (module, build_id), path in self._paths.items():
            found.append(ModuleFacts(module, build_id, *owners.get(path, Owner())))
        return tuple(sorted(found))


def _path_on_host(pid: int, module: str) -> str:
    """Empty when the process is gone, or sees other files than this one."""
    try:
        if os.stat(f"/proc/{pid}/ns/mnt").st_ino != os.stat("/proc/self/ns/mnt").st_ino:  # noqa: PTH116 no path
            return ""
        names = (mapping.name for mapping in read_mappings(pid).mappings)
        return next((name for name in names if Path(name).name == module), "")
    except OSError:
        return ""
