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
from profiler.agent.sampling.program_stacks import WAIT
from profiler.agent.sampling.stack_book import SampledStack
from profiler.agent.sampling.stack_namer import NO_USER_STACK, NOT_ASKED_FOR, NamedStack
from profiler.agent.sampling.value_options import WAIT_ENTRIES
from profiler.agent.sampling.value_stacks import ValueStacks
from profiler.agent.sampling.wait_names import WaitState
from profiler.agent.symbols.kallsyms import KERNEL_MODULE
from profiler.agent.targets.cgroups import cgroup_of
from profiler.agent.targets.target_threads import ThreadNow, exec_ns, is_there, kernel_frames
from profiler.core.cut import EARLIER, cut_frame
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.spec import RecordingSpec

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
        self._map_fd = program.map_fd(_MAP)

    def enter(self, since_ns: int) -> None:
        """Tell the program, which follows already, who waits; it knows better of who has moved meanwhile."""
        cgroups: dict[int, str] = {}
        entered = []
        for number, thread in enumerate(self._threads(), start=1):
            state = self._state(thread)
            if state is None or not self._enter(thread, since_ns, number << _NUMBER_SHIFT, state):
                continue
            if thread.pid not in cgroups:
                cgroups[thread.pid] = cgroup_of(thread.pid)
            self._stacks.stacks[number << _NUMBER_SHIFT] = self._stack(thread, cgroups[thread.pid])
            entered.append(thread)
        for thread in entered:
            # The program forgets who ends, but not who had ended before it was told of.
            if not is_there(thread):
                with contextlib.suppress(OSError):
                    bpf_syscall.map_delete(self._map_fd, np.array([thread.tid], dtype=np.uint32))

    def _state(self, thread: ThreadNow) -> WaitState | None:
        if thread.state == "R":
            return WaitState.ON_CPU if self._program.has_clock else None
        return _STATES.get(thread.state)

    def _enter(self, thread: ThreadNow, since_ns: int, stack: int, state: WaitState) -> bool:
        """False when the program knew it already, or there is no room."""
        wait = np.array([(since_ns, 0, stack, 0, exec_ns(thread.tid), state, 0)], dtype=WAIT)
        try:
            bpf_syscall.map_update(self._map_fd, np.array([thread.tid], dtype=np.uint32), wait, only_new=True)
        except OSError:
            return False
        return True

    def close(self, halted_ns: int) -> None:
        """The waits that are open now end. Nothing may be counting any more."""
        tids, waits = np.zeros(WAIT_ENTRIES, dtype=np.uint32), np.zeros(WAIT_ENTRIES, dtype=WAIT)
        found = bpf_syscall.map_lookup_batch(self._map_fd, tids, waits)
        close = self._program.function_fd(_CLOSE, RAW_TRACEPOINT)
        for tid in tids[:found].tolist():
            bpf_syscall.program_run(close, np.array([tid, halted_ns, exec_ns(tid)], dtype=np.uint64))

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
