"""The frames of one process's addresses in one recording, as numbers."""

import time
from collections.abc import Sequence

from profiler.agent.sampling.events import WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.symbols.process import UNMAPPED, AddressSpace, is_passing

# Per process: 2 MB. A busy program is sampled at some thousand; at the bound the cache starts afresh.
MAX_CACHED_ADDRESSES = 16_384
# Stacks of a process that are remembered whole, of some hundred bytes each.
MAX_CACHED_STACKS = 512
# What one of them takes, counted in addresses.
STACK_SIZE = 8
# Just-in-time code is looked up again after this long: it may have got a name, or another one.
PASSING_LIFETIME_S = 1.0
# A broken frame chain gives wild addresses all the time; they may not cause a reading of the mappings each. Asking that
# changed nothing is done half as often the next time: the kernel tells of new mappings anyway.
MIN_ASK_INTERVAL_S, MAX_ASK_INTERVAL_S = 0.25, 8.0

# Of an address that is none: a walk of frame pointers ends with zeros.
NOTHING = -1


class ProcessFrames:
    """`stacks` is for whoever makes more of the numbers: it is valid as long as they are. Not thread-safe."""

    def __init__(self, space: AddressSpace, table: FrameTable) -> None:
        self.space = space
        self.stacks: dict[object, tuple[bytes, str, str, WalkOutcome]] = {}
        self._table = table
        self._innermost: dict[int, int] = {}
        self._callers: dict[int, int] = {}
        self._passing: dict[int, int] = {}
        self._passing_until = 0.0
        self._may_ask_at = 0.0
        self._ask_interval_s = MIN_ASK_INTERVAL_S

    @property
    def size(self) -> int:
        """Addresses and stacks that are remembered: what this takes in memory is proportional to it."""
        return len(self._innermost) + len(self._callers) + len(self._passing) + STACK_SIZE * len(self.stacks)

    def may_ask(self) -> bool:
        """Whether it is time to read the mappings because of a wild address. Asking counts.

        Mappings that turn out to be new are another address space, whose frames ask afresh.
        """
        now = time.monotonic()
        if now < self._may_ask_at:
            return False
        self._may_ask_at = now + self._ask_interval_s
        self._ask_interval_s = min(2 * self._ask_interval_s, MAX_ASK_INTERVAL_S)
        return True

    def innermost(self, address: int) -> tuple[int | None, bool]:
        """The number of the frame that was sampled at this address, None in no mapping; and whether it lasts."""
        known = self._innermost.get(address)
        if known is None:
            known = self._number(address, address, self._innermost)
        return known, address in self._innermost

    def callers(self, addresses: Sequence[int]) -> list[int] | None:
        """Numbers root first of all but the innermost address, if all are known and last.

        Addresses are innermost first, and stand behind the calls.
        """
        numbers = list(map(self._callers.get, addresses[:0:-1]))
        return None if None in numbers else numbers  # type: ignore[return-value]  # looked at

    def numbers(self, addresses: Sequence[int], *, wild: bool) -> list[int] | None:
        """Of all addresses. None when one is in no mapping, unless `wild` ones are wanted too."""
        callers = addresses[:0:-1]
        numbers = list(map(self._callers.get, callers))
        for i, number in enumerate(numbers):
            if number is None:
                numbers[i] = self._number(callers[i] - 1, callers[i], self._callers)
        numbers.append(self._number(addresses[0], addresses[0], self._innermost))
        return None if None in numbers and not wild else [self._unmapped if n is None else n for n in numbers]

    @property
    def _unmapped(self) -> int:
        return self._table.number(UNMAPPED)

    def _number(self, place: int, address: int, lasting: dict[int, int]) -> int | None:
        """None for a place in no mapping. `address` is how the stack has it."""
        known = lasting.get(address)
        if known is not None:
            return known
        if place <= 0:
            lasting[address] = NOTHING
            return NOTHING
        found = self.space.place(place)
        if found is None:
            return self._number_of_passing(place, address, lasting)
        if len(lasting) >= MAX_CACHED_ADDRESSES:
            lasting.clear()
        module, offset = found
        number = self._table.place(module.number, offset)
        if number is None:
            number = self._table.number(self.space.frame_at(module, offset))
            self._table.remember_place(module.number, offset, number)
        lasting[address] = number
        return number

    def _number_of_passing(self, place: int, address: int, lasting: dict[int, int]) -> int | None:
        """Of what is in no file."""
        known = self._passing.get(place)
        if known is not None and time.monotonic() > self._passing_until:
            self._passing.clear()
            known = None
        return self._look_up(place, address, lasting) if known is None else known

    def _look_up(self, place: int, address: int, lasting: dict[int, int]) -> int | None:
        frame = self.space.frame(place)
        if frame is UNMAPPED:
            return None
        remembered, key = (self._passing, place) if is_passing(frame) else (lasting, address)
        if remembered is self._passing and not remembered:
            self._passing_until = time.monotonic() + PASSING_LIFETIME_S
        if len(remembered) >= MAX_CACHED_ADDRESSES:
            remembered.clear()
        number = remembered[key] = self._table.number(frame)
        return number
