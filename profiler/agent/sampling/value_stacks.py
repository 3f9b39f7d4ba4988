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
# Named stacks of some hundred bytes each, 16 MB. With more, those that are not met again are forgotten.
MAX_STACKS = 32_768


class ValueStacks(StackBook):
    """A recording may go on for days: when it knows many stacks, they become old ones (`begin_anew`), and are forgotten
    once all that are met were named again. Not thread-safe; the recording holds a lock.
    """

    def __init__(self, table: FrameTable, states: Sequence[str] = ()) -> None:
        """`states`: names of those that the probe has; without them they are those of waits."""
        super().__init__()
        self._table = table
        self._states = [None, *map(state_frame, states)] if states else None
        self._made: dict[tuple[int, int, int], SampledStack] = {}
        self._old: dict[int, SampledStack] = {}

    @property
    def are_waits(self) -> bool:
        """Whether the states are those of waits."""
        return self._states is None

    @property
    def are_many(self) -> bool:
        return len(self.stacks) > MAX_STACKS or self._table.is_large

    @property
    def has_old(self) -> bool:
        return bool(self._old)

    def begin_anew(self) -> None:
        """What is known now is old; what is named from now on is not."""
        self._old, self.stacks = self.stacks, {}

    def forget_old(self, but: set[int]) -> None:
        """Also their threads and frames. `but`: stacks that are needed later, and were not named again."""
        known = self.stacks | {number: self._old[number] for number in but if number in self._old}
        self._old, self._made = {}, {}
        self.stacks = self._of_few_threads(self._of_few_frames(known) if self._table.is_large else known)

    def _of_few_threads(self, stacks: dict[int, SampledStack]) -> dict[int, SampledStack]:
        threads = list(self.threads)
        self.forget_threads()
        return {number: each._replace(thread=self.thread(threads[each.thread])) for number, each in stacks.items()}

    def _of_few_frames(self, stacks: dict[int, SampledStack]) -> dict[int, SampledStack]:
        frames = [self._frames(each.stack.path) for each in stacks.values()]
        self._table.clear_if_large()
        return {
            number: each._replace(stack=each.stack._replace(path=self._path(path)))
            for (number, each), path in zip(stacks.items(), frames, strict=True)
        }

    def stack(self, number: int, state: int, other: int) -> SampledStack:
        """The stack of a hash under its state, and behind it the other one, that woke it. What is not known is lost."""
        key = number, state, other
        made = self._made.get(key)
        if made is None:
            made = self._make(number, state, other)
            if self._find(number) and (not other or self._find(other)):
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
        return self._find(number) or lost_stack(self._table)

    def _find(self, number: int) -> SampledStack | None:
        return self.stacks.get(number) or self._old.get(number)

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
