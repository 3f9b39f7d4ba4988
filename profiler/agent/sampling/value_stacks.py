"""The dictionary of a recording: named stacks by their hash, and what a state or a second stack makes of them."""

from array import array
from collections.abc import Sequence

from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.sampled_profile import lost_stack
from profiler.agent.sampling.stack_book import SampledStack, StackBook
from profiler.agent.sampling.wait_names import wait_frame
from profiler.core.frame import Frame, FrameKind
from profiler.core.path_trie import FRAME
from profiler.core.states import state_frame

WOKEN_BY = Frame("[woken by]", FrameKind.PLACEHOLDER)
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
        base = self.stacks.get(number) or lost_stack(self._table)
        path = base.stack.path
        frame = self._state_frame(state, path)
        if frame is not None:
            path = FRAME.type(self._table.number(frame)).tobytes() + path
        if other:
            path += self._waker(other)
        return base._replace(stack=base.stack._replace(path=path))

    def _state_frame(self, state: int, path: bytes) -> Frame | None:
        if self._states is not None:
            return self._states[state]
        return wait_frame(state, (self._table[place] for place in array("i", path)))

    def _waker(self, number: int) -> bytes:
        waker = self.stacks.get(number) or lost_stack(self._table)
        comm = list(self.threads)[waker.thread].comm
        frames = [WOKEN_BY, *([Frame(comm, FrameKind.PROCESS)] if comm else [])]
        return array("i", map(self._table.number, frames)).tobytes() + waker.stack.path
