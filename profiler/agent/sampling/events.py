"""What the sampling program sends: the twin of profiler/bpf/sample.h."""

import struct
from enum import IntEnum
from typing import NamedTuple

import numpy as np


class WalkOutcome(IntEnum):
    """`enum walk_outcome`: how the walk of a user stack ended."""

    NONE = 0
    CHAIN_END = 1
    CUT = 2
    FAILED = 3
    END = 4
    NO_PROCESS = 5
    NO_MAPPING = 6
    PENDING = 7
    NO_TABLE = 8
    NO_ROW = 9
    BAD = 10
    READ = 11
    GUESSED = 12


# As a profile's quality names them. core/cut.py knows which of them lose nothing, core/advice.py what helps.
OUTCOME_NAMES = {
    WalkOutcome.NONE: "kernel only",
    WalkOutcome.CHAIN_END: "frame pointers",
    WalkOutcome.CUT: "too deep",
    WalkOutcome.FAILED: "not walked",
    WalkOutcome.END: "end",
    WalkOutcome.NO_PROCESS: "process not loaded yet",
    WalkOutcome.NO_MAPPING: "address in no mapping",
    WalkOutcome.PENDING: "file not parsed yet",
    WalkOutcome.NO_TABLE: "code without unwind table",
    WalkOutcome.NO_ROW: "function without unwind rows",
    WalkOutcome.BAD: "unwind rule not followed",
    WalkOutcome.READ: "stack not readable",
    WalkOutcome.GUESSED: "passed by frame pointer",
}
# Stacks whose outermost callers are known to be missing. Along frame pointers nobody can tell; of guessed ones others
# may be missing.
CUT_OUTCOMES = frozenset(WalkOutcome) - {
    WalkOutcome.NONE, WalkOutcome.CHAIN_END, WalkOutcome.END, WalkOutcome.GUESSED,
}  # fmt: skip


class PythonOutcome(IntEnum):
    """`enum python_outcome`: how the walk of the Python frames ended."""

    NONE = 0
    END = 1
    CUT = 2
    READ = 3


class Counter(IntEnum):
    """`enum sample_counter`: the per-CPU counters of one epoch."""

    SAMPLES = 0
    LOST_MAP_FULL = 1
    LOST_MAP_BUSY = 2
    LOST_RING_FULL = 3
    NOT_FOLLOWED = 4
    NO_TIME = 5


LOST_CAUSES = {
    Counter.LOST_MAP_FULL: "map full",
    Counter.LOST_MAP_BUSY: "map busy",
    Counter.LOST_RING_FULL: "ring full",
}

TIMES_LOST = "times of samples, no room in the ring"
# What was passed over without being sampled, or is missing of samples that were, and so is no lost sample.
SKIPPED_CAUSES = {
    Counter.NOT_FOLLOWED: "tasks started by targets without room to follow them",
    Counter.NO_TIME: TIMES_LOST,
}

# struct sample_time: `when` is a time in units of 2^TIME_SHIFT ns above CPU_BITS of the CPU's number.
SAMPLE_TIME = np.dtype([("when", "<u8"), ("key", "<u8")])
CPU_BITS, TIME_SHIFT = 16, 12
COMM_LENGTH = 16
# struct stack_event; the frames follow.
_HEADER = struct.Struct(f"<QQIIHHHHHHII4x{COMM_LENGTH}s")


class Task(NamedTuple):
    """The thread a stack was taken from."""

    tgid: int
    tid: int
    comm: str


class StackEvent(NamedTuple):
    """One new stack. Addresses and Python's words are innermost first. The lowest bit of `hash` is its epoch.

    `cgroup` is the thread's control group: the inode number of its directory in a hierarchy: 0 is the unified one, the
    others are counted as in `cgroup_v1.controllers`, from 1. `memory_of` is the process that this one was forked from,
    when it has not called exec since; else 0.
    """

    hash: int
    task: Task
    outcome: WalkOutcome
    kernel_cut: bool
    kernel: tuple[int, ...]
    user: tuple[int, ...]
    python_outcome: PythonOutcome = PythonOutcome.NONE
    python: tuple[int, ...] = ()
    cgroup: int = 0
    cgroup_hierarchy: int = 0
    memory_of: int = 0


# Looking one up in a tuple takes a tenth of what calling the enumeration takes.
_WALK_OUTCOMES, _PYTHON_OUTCOMES = tuple(WalkOutcome), tuple(PythonOutcome)


def epoch_of(record: bytes) -> int:
    """The epoch that a stack's record belongs to: 0 or 1."""
    return record[0] & 1


def decode_stack(record: bytes) -> StackEvent:
    (
        key, cgroup, tgid, tid, kernel, user, outcome, kernel_cut, python, python_outcome, hierarchy, memory_of, comm,
    ) = _HEADER.unpack_from(record)  # fmt: skip
    frames = struct.unpack_from(f"<{kernel + user + python}Q", record, _HEADER.size)
    name = comm.partition(b"\0")[0].decode(errors="replace")
    return StackEvent(
        key,
        Task(tgid, tid, name),
        _WALK_OUTCOMES[outcome],
        bool(kernel_cut),
        frames[:kernel],
        frames[kernel : kernel + user],
        _PYTHON_OUTCOMES[python_outcome],
        frames[kernel + user :],
        cgroup,
        hierarchy,
        memory_of,
    )
