"""The dictionary of a recording: named stacks by their hash, and what a state or a second stack makes of them."""

import re
from array import array
from collections.abc import Sequence

from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.sampled_profile import lost_stack
from profiler.agent.sampling.stack_book import SampledStack, StackBook
from profiler.agent.sampling.wait_names import RUNNING, WaitState, wait_frame
from profiler.core.frame import Frame, FrameKind
from profiler.core.states import state_frame

WOKEN_BY = Frame("[woken by]", FrameKind.PLACEHOLDER)
INTERRUPT = Frame("[interrupt]", FrameKind.PLACEHOLDER)
# Of a thread that ran too shortly to be sampled.
NOT_SAMPLED = Frame("[not sampled]", FrameKind.PLACEHOLDER)
# How x86 enters the kernel when a device or another CPU interrupts it.
_INTERRUPT = re.compile(r"asm_(sysvec|common_interrupt|spurious)")
# Combinations that are kept ready; at the bound they are made again.
_MAX_MADE = 65_536


class ValueStacks(StackBook):
    """Not thread-safe; the recording holds a lock."""

    def __init__(self, table: FrameTable, states: Sequence[str] = ()) -> None:
        """`states`: names of those that the probe has; without them they are those of waits."""
        super().__init__()
        self._table = table
        self._states = [None, *map(state_frame, states)] if states else None
        self._made: dict[tuple[int, int, int], SampledStack] = {}

    @property
    def are_waits(self) -> bool:
        """Whether the states are those of waits."""
        return self._states is None

    def stack(self, number: int, state: int, other: int) -> SampledStack:
        """The stack of a hash under its state, and behind it the other one, that woke it. What is not known is lost."""
        key = number, state, other
        made = self._made.get(key)
        if made is None:
            made = self._make(number, state, other)
            if number in self.stacks and (not other or other in self.stacks):
                if len(self._made) >= _MAX_MADE:
                    self._made.clear()
                self._made[key] = made
        return made

    def _make(self, number: int, state: int, other: int) -> SampledStack:
        base = self._known(number)
        path = base.stack.path
        if self._states is not None:
            named = self._states[state]
            path = self._path([named]) + path if named else path
        else:
            path = self._waiting(state, path)
        if other:
            path += self._waker(other)
        return base._replace(stack=base.stack._replace(path=path))

    def _waiting(self, state: int, path: bytes) -> bytes:
        if state == WaitState.ON_CPU_REST:
            return self._path([RUNNING, NOT_SAMPLED])
        if state == WaitState.WAKER:
            return self._path(_of_interrupt(self._frames(path)) or []) or path
        frame = wait_frame(state, self._frames(path))
        return self._path([frame]) + path if frame else path

    def _waker(self, number: int) -> bytes:
        waker = self._known(number)
        frames = _of_interrupt(self._frames(waker.stack.path))
        if frames is not None:
            return self._path([WOKEN_BY, *frames])
        comm = list(self.threads)[waker.thread].comm
        return self._path([WOKEN_BY, *([Frame(comm, FrameKind.PROCESS)] if comm else [])]) + waker.stack.path

    def _known(self, number: int) -> SampledStack:
        return self.stacks.get(number) or lost_stack(self._table)

    def _frames(self, path: bytes) -> list[Frame]:
        return [self._table[number] for number in array("i", path)]

    def _path(self, frames: Sequence[Frame]) -> bytes:
        return array("i", map(self._table.number, frames)).tobytes()


def _of_interrupt(frames: Sequence[Frame]) -> list[Frame] | None:
    """The part of a stack that an interrupt added, which has nothing to do with the rest; None when there was none."""
    for place, frame in enumerate(frames):
        if frame.kind is FrameKind.KERNEL and _INTERRUPT.match(frame.name):
            return [INTERRUPT, *frames[place:]]
    return None
