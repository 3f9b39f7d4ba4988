"""Roots of containers, held open: the files of a process that has ended are still to be found in them.

A process that sees other mounts than we do takes the way to its files with it. What runs in a container for
milliseconds is gone when its stacks are named; the container's root, once met, stays open for a while.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Containers whose programs start and end while somebody records; those met longest ago go first.
MAX_ROOTS = 64
# A root that is held keeps its file system from going away: of a container that has ended, no longer than this.
LIFETIME_S = 30.0

_Key = tuple[str, int, int]


@dataclass
class _Root:
    fd: int
    pid: int
    looked_at: float


class MountRoots:
    """Not thread-safe."""

    def __init__(self) -> None:
        self._own = _key("self")
        self._roots: OrderedDict[_Key, _Root] = OrderedDict()

    def __len__(self) -> int:
        return len(self._roots)

    def meet(self, pid: int) -> bool:
        """Hold the root that a process sees, if it is not ours. False when the process is gone."""
        try:
            key = _key(str(pid))
            if key == self._own:
                return True
            known = self._roots.get(key)
            # The number of mounts that are gone is used again.
            if known is None or not self._is_seen(key, known):
                self._hold(key, pid)
        except OSError:
            return False
        self._roots.move_to_end(key)
        return True

    def loses(self, pid: int, device: str) -> bool:
        """Whether a process's file on this device goes with its mounts, which fall apart: only their root is held."""
        try:
            key = _key(str(pid))
        except OSError:
            return False
        return key != self._own and device != f"{os.major(key[1]):02x}:{os.minor(key[1]):02x}"

    def _hold(self, key: _Key, pid: int) -> None:
        fd = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        if key in self._roots:
            os.close(self._roots[key].fd)
        self._roots[key] = _Root(fd, pid, time.monotonic())
        if len(self._roots) > MAX_ROOTS:
            os.close(self._roots.popitem(last=False)[1].fd)

    def expire(self) -> bool:
        """Let go of the roots whose process has ended some time ago. Whether there were any: others may still see them,
        and should be met again.
        """
        now = time.monotonic()
        old = [(key, root) for key, root in self._roots.items() if now - root.looked_at > LIFETIME_S]
        gone = [key for key, root in old if not self._is_seen(key, root)]
        for _, root in old:
            root.looked_at = now
        for key in gone:
            os.close(self._roots.pop(key).fd)
        return bool(gone)

    def roots(self) -> Iterator[Path]:
        """Paths of them, those met last first."""
        return (Path(f"/proc/self/fd/{root.fd}") for root in reversed(self._roots.values()))

    def clear(self) -> None:
        while self._roots:
            os.close(self._roots.popitem()[1].fd)

    def _is_seen(self, key: _Key, root: _Root) -> bool:
        try:
            return _key(str(root.pid)) == key
        except OSError:
            return False


def _key(process: str) -> _Key:
    """What tells roots apart: the mounts, and the directory, which differs after a chroot."""
    found = Path(f"/proc/{process}/root").stat()
    return str(Path(f"/proc/{process}/ns/mnt").readlink()), found.st_dev, found.st_ino
