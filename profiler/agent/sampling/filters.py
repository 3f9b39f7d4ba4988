"""A recording's parameters as the sampling program wants them: macros and the contents of its filter maps."""

import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.program_source import ProgramOptions
from profiler.agent.sampling.events import COMM_LENGTH
from profiler.agent.targets import cgroup_v1
from profiler.agent.targets.cgroups import CgroupDirectory
from profiler.agent.targets.children import MAX_FOLLOWED
from profiler.core.spec import MAX_TARGETS, RecordingSpec

# Distinct stacks between two readings; 999 Hz on 64 CPUs with every sample a new stack fit for one second.
COUNT_ENTRIES = 65_536
# The ring's data is mapped twice, and both count as our memory: few samples get a small one.
MIN_RING_BYTES = 1 << 20
# Up to here there is room for some seconds: the longest stacks are eight times the typical, and the reader may be late.
_AMPLE_RING_BYTES = 4 << 20
_AMPLE_SECONDS = 4
MAX_RING_BYTES = 64 << 20
_TYPICAL_EVENT_BYTES = 512  # 58 frames
# Threads of a version 1 cgroup, which the program can't test by itself.
MAX_CGROUP_TASKS = 16_384
_BPF_PAGE = 4096  # asm/page.h of the stub headers
_MAX_STACK = Path("/proc/sys/kernel/perf_event_max_stack")
_MAX_FRAMES = 127  # two stacks of it and a power of two: FRAME_SLOTS in sample.h
# `struct sample_config`.
CONFIG = np.dtype([("epoch", "<u8"), ("comm", f"S{COMM_LENGTH}"), ("following", "<u8"), ("started_ns", "<u8")])


def ring_bytes(spec: RecordingSpec, cpus: int) -> int:
    """Room for a second's new stacks, and for some seconds' while that is little; a power of two within the bounds."""
    second = int(1e9 / spec.period_ns * cpus * _TYPICAL_EVENT_BYTES)
    wanted = max(second, min(second * _AMPLE_SECONDS, _AMPLE_RING_BYTES - 1))
    return min(max(1 << wanted.bit_length(), MIN_RING_BYTES), MAX_RING_BYTES)


def time_ring_bytes(ring_size: int) -> int:
    """Room for the times of more samples than the other ring has for stacks: one takes 24 bytes."""
    return max(ring_size // 16, _BPF_PAGE)


def program_options(spec: RecordingSpec, cgroup: CgroupDirectory | None, ring_size: int) -> ProgramOptions:
    switches = {
        "FILTER_TGID": bool(spec.pids),
        "FILTER_TID": bool(spec.tids),
        "FILTER_COMM": spec.comm is not None,
        "FILTER_CGROUP": cgroup is not None and cgroup.unified,
        "FILTER_CGROUP_TASKS": cgroup is not None and not cgroup.unified,
        "FOLLOW_CHILDREN": spec.children,
        "INCLUDE_IDLE": spec.include_idle,
        "NO_KERNEL": spec.user_only,
        "NO_USER": spec.kernel_only,
        cgroup_v1.SWITCH: bool(cgroup_v1.macros()),
    }
    sizes = {
        "MAX_FRAMES": min(_MAX_FRAMES, int(_MAX_STACK.read_text())),
        "COUNT_ENTRIES": COUNT_ENTRIES,
        "RING_PAGES": ring_size // _BPF_PAGE,
        "TIME_PAGES": time_ring_bytes(ring_size) // _BPF_PAGE,
        "MAX_TARGETS": MAX_TARGETS,
        "MAX_CGROUP_TASKS": MAX_CGROUP_TASKS,
        "MAX_FOLLOWED": MAX_FOLLOWED,
    }
    return ProgramOptions(frozenset(name for name, on in switches.items() if on), sizes | cgroup_v1.macros())


def fill_filters(program: SamplingProgram, spec: RecordingSpec, cgroup: CgroupDirectory | None) -> None:
    """Write the wanted ids into the maps. Raises OSError."""
    for name, ids in (("target_tgids", spec.pids), ("target_tids", spec.tids)):
        for number in ids:
            _add(program.map_fd(name), number)
    if cgroup is not None and cgroup.unified:
        _set_cgroup(program.map_fd("target_cgroup"), cgroup.path)


def write_config(
    program: SamplingProgram, spec: RecordingSpec, epoch: int, started_ns: int = 0, following: bool = False
) -> None:
    """`struct sample_config`: the epoch that counts from now on, the wanted comm, since when events count (0: not yet).

    Without `following` events are not looked at.
    """
    config = np.zeros(1, dtype=CONFIG)
    config["epoch"] = epoch
    config["comm"] = (spec.comm or "").encode()
    config["following"], config["started_ns"] = following, started_ns
    bpf_syscall.map_update(program.map_fd("config"), np.zeros(1, dtype=np.uint32), config)


class CgroupTasks:
    """Keeps the program's set of threads equal to a version 1 cgroup's. The program itself adds what they start."""

    def __init__(self, program: SamplingProgram, cgroup: CgroupDirectory) -> None:
        self._map_fd = program.map_fd("target_cgroup_tids")
        self._cgroup = cgroup
        self._keys = np.zeros(MAX_CGROUP_TASKS, dtype=np.uint32)
        self._values = np.zeros(MAX_CGROUP_TASKS, dtype=np.uint8)
        self._without_room = self._most_refused = 0

    def update(self) -> None:
        """The map is read before the group: what is started in between is in both."""
        known = set(self._keys[: bpf_syscall.map_lookup_batch(self._map_fd, self._keys, self._values)].tolist())
        tids = self._cgroup.tids()
        for gone in known - tids:
            with suppress(OSError):  # ended meanwhile, and so deleted
                bpf_syscall.map_delete(self._map_fd, np.array([gone], dtype=np.uint32))
        refused = sum(not self._add(new) for new in tids - known)
        self._without_room += max(0, refused - self._most_refused)
        self._most_refused = max(refused, self._most_refused)

    def take_skipped(self) -> dict[str, int]:
        """Threads that found no room, since the last call; each of them once."""
        taken, self._without_room = self._without_room, 0
        return {"threads of the control group without room": taken} if taken else {}

    def _add(self, tid: int) -> bool:
        try:
            _add(self._map_fd, tid)
        except OSError:
            return False
        return True


def _add(map_fd: int, number: int) -> None:
    bpf_syscall.map_update(map_fd, np.array([number], dtype=np.uint32), np.ones(1, dtype=np.uint8))


def _set_cgroup(map_fd: int, path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        bpf_syscall.map_update(map_fd, np.zeros(1, dtype=np.uint32), np.array([directory], dtype=np.uint32))
    finally:
        os.close(directory)
