"""Processes that targets have started. The BPF program follows forks; here is what came before it, and who is left."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.sampling.events import SKIPPED_CAUSES, Counter
from profiler.agent.targets.target_groups import TargetGroup
from profiler.core.spec import RecordingSpec

# Processes followed at one time; an ended one makes room. The storm of a parallel compilation has hundreds.
MAX_FOLLOWED = 16_384
# While one look at /proc is taken, a process not yet followed may start another: look until there is nothing new.
_MAX_LOOKS = 5


class Children:
    """What is there at the start is followed once `adopt` was called, what is started later without it."""

    def __init__(self, program: SamplingProgram, spec: RecordingSpec, group: TargetGroup | None) -> None:
        self._map_fd = program.map_fd("followed_tgids")
        self._spec = spec
        self._group = group
        self._without_room = 0

    def adopt(self, targets: Iterable[int]) -> set[int]:
        """Follow what descends from the targets now. `targets`: processes of the pids and tids that were asked for."""
        given = set(targets)
        followed: set[int] = set()
        for _ in range(_MAX_LOOKS):
            table = processes()
            new = descendants(self._roots(given, table), table) - followed
            for pid in new:
                self._follow(pid)
            followed |= new
            if not new:
                break
        return followed

    def take_skipped(self) -> dict[str, int]:
        """Processes that were there at the start and found no room, since the last call."""
        taken, self._without_room = self._without_room, 0
        return {SKIPPED_CAUSES[Counter.NOT_FOLLOWED]: taken} if taken else {}

    def any_alive(self) -> bool:
        return bool(self.followed())

    def followed(self) -> set[int]:
        """The processes that are followed now."""
        keys, values = np.zeros(MAX_FOLLOWED, dtype=np.uint32), np.zeros(MAX_FOLLOWED, dtype=np.uint8)
        found: list[int] = keys[: bpf_syscall.map_lookup_batch(self._map_fd, keys, values)].tolist()
        return set(found)

    def _roots(self, given: set[int], table: Mapping[int, tuple[int, str]]) -> set[int]:
        roots = given or set(table)
        if self._spec.comm is not None:
            roots = {pid for pid in roots if pid in table and table[pid][1] == self._spec.comm}
        return roots & self._group.directory.tids() if self._group else roots

    def _follow(self, pid: int) -> None:
        try:
            bpf_syscall.map_update(self._map_fd, np.array([pid], dtype=np.uint32), np.ones(1, dtype=np.uint8))
        except OSError:
            self._without_room += 1


def processes() -> dict[int, tuple[int, str]]:
    """Every process's parent and name."""
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                stat = Path(entry.path, "stat").read_text(errors="replace")
            except OSError:  # gone
                continue
            head, _, tail = stat.rpartition(")")
            found[int(entry.name)] = (int(tail.split()[1]), head.partition("(")[2])
    return found


def descendants(roots: Iterable[int], table: Mapping[int, tuple[int, str]]) -> set[int]:
    """Children of the roots, theirs, and so on; a root only when it descends from another one."""
    children: dict[int, list[int]] = defaultdict(list)
    for pid, (parent, _) in table.items():
        children[parent].append(pid)
    found: set[int] = set()
    pending = list(roots)
    while pending:
        new = set(children[pending.pop()]) - found
        found |= new
        pending += new
    return found
