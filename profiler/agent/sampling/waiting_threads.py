"""Waits that a recording sees only one end of: those that began before it, and those that it does not see end."""

import contextlib
from array import array
from collections.abc import Callable, Iterable

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.loaded_program import RAW_TRACEPOINT
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.value_counts import KEY_BITS
from profiler.agent.sampling.events import OUTCOME_NAMES, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.stack_book import SampledStack
from profiler.agent.sampling.stack_namer import NO_USER_STACK, NOT_ASKED_FOR, NamedStack
from profiler.agent.sampling.value_options import WAIT_ENTRIES
from profiler.agent.sampling.value_stacks import ValueStacks
from profiler.agent.sampling.wait_names import WaitState
from profiler.agent.symbols.kallsyms import KERNEL_MODULE
from profiler.agent.targets.cgroups import cgroup_of
from profiler.agent.targets.target_threads import ThreadNow, kernel_frames
from profiler.core.cut import EARLIER, cut_frame
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.spec import RecordingSpec

# struct wait of profiler/bpf/waits.h.
_WAIT = np.dtype(
    [("since", "<u8"), ("woken", "<u8"), ("stack", "<u8"), ("waker", "<u8"), ("state", "<u4"), ("unused", "<u4")]
)
_CLOSE = "close_wait"
_MAP = "waits"
# Letters of proc(5). What is not among them runs, or is gone.
_STATES = {
    "S": WaitState.SLEEP,
    "I": WaitState.SLEEP,
    "D": WaitState.BLOCKED,
    "T": WaitState.STOPPED,
    "t": WaitState.STOPPED,
}
# The low bits of a stack's number are the key's.
_NUMBER_SHIFT = KEY_BITS.bit_length()
Threads = Callable[[], Iterable[ThreadNow]]


class WaitingThreads:
    """Of one recording whose program has waits. Not thread-safe; the recording holds a lock."""

    def __init__(
        self, program: SamplingProgram, spec: RecordingSpec, table: FrameTable, stacks: ValueStacks, threads: Threads
    ) -> None:
        self._program = program
        self._spec = spec
        self._table = table
        self._stacks = stacks
        self._threads = threads

    def enter(self, started_ns: int) -> None:
        """Tell the program who has been waiting since before it counts; it knows better of who has moved since."""
        cgroups: dict[int, str] = {}
        for number, thread in enumerate(self._threads(), start=1):
            state = _STATES.get(thread.state)
            if state is None and thread.state == "R" and self._program.has_clock:
                state = WaitState.ON_CPU
            if state is None:
                continue
            if thread.pid not in cgroups:
                cgroups[thread.pid] = cgroup_of(thread.pid)
            stack = number << _NUMBER_SHIFT
            self._stacks.stacks[stack] = self._stack(thread, cgroups[thread.pid])
            wait = np.array([(started_ns, 0, stack, 0, state, 0)], dtype=_WAIT)
            with contextlib.suppress(OSError):  # it has moved, or there is no room
                tid = np.array([thread.tid], dtype=np.uint32)
                bpf_syscall.map_update(self._program.map_fd(_MAP), tid, wait, only_new=True)

    def close(self, halted_ns: int) -> None:
        """The waits that are open now end. Nothing may be counting any more."""
        tids, waits = np.zeros(WAIT_ENTRIES, dtype=np.uint32), np.zeros(WAIT_ENTRIES, dtype=_WAIT)
        found = bpf_syscall.map_lookup_batch(self._program.map_fd(_MAP), tids, waits)
        close = self._program.function_fd(_CLOSE, RAW_TRACEPOINT)
        for tid in tids[:found].tolist():
            bpf_syscall.program_run(close, np.array([tid, halted_ns], dtype=np.uint64))

    def _stack(self, thread: ThreadNow, cgroup: str) -> SampledStack:
        outcome, frames = EARLIER, [cut_frame(EARLIER)]
        if thread.is_kernel:
            outcome, frames = OUTCOME_NAMES[WalkOutcome.NONE], []
        elif self._spec.kernel_only:
            outcome, frames = NOT_ASKED_FOR, []
        if not self._spec.user_only:
            names = reversed(kernel_frames(thread))
            frames += [Frame(name, FrameKind.KERNEL, module or KERNEL_MODULE) for name, module in names]
        path = array("i", map(self._table.number, frames or [NO_USER_STACK])).tobytes()
        known = Thread(thread.pid, thread.tid, thread.comm, cgroup)
        return SampledStack(NamedStack(path, outcome), self._stacks.thread(known), "")


def waiting_threads(
    program: SamplingProgram, spec: RecordingSpec, table: FrameTable, stacks: ValueStacks, threads: Threads
) -> WaitingThreads | None:
    """None for a program without waits."""
    return WaitingThreads(program, spec, table, stacks, threads) if program.has(_CLOSE) else None
