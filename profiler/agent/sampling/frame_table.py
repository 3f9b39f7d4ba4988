"""Frames as small integers: what is done for each stack then compares and copies numbers, not names."""

from typing import Protocol, TypeVar

from profiler.core.frame import Frame

# Some hundred bytes each. A recording of minutes stays far below; one that never ends begins anew here.
MAX_FRAMES = 100_000
# Places in files whose frames' numbers are remembered: 4 MB. A busy host is sampled at some ten thousand.
MAX_PLACES = 32_768


class Clearable(Protocol):
    def clear(self) -> None: ...


Cache = TypeVar("Cache", bound=Clearable)


class FrameTable:
    """Of one recording. Equal frames have one number. Not thread-safe; the recording holds a lock."""

    def __init__(self) -> None:
        self._numbers: dict[Frame, int] = {}
        self._frames: list[Frame] = []
        self._caches: list[Clearable] = []
        self._places: dict[tuple[int, int], int] = self.cache({})
        self.era = 0  # counts how often it was cleared

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, number: int) -> Frame:
        return self._frames[number]

    def number(self, frame: Frame) -> int:
        number = self._numbers.get(frame)
        if number is None:
            number = self._numbers[frame] = len(self._frames)
            self._frames.append(frame)
        return number

    def place(self, file: int, offset: int) -> int | None:
        """The number that was remembered of a place in a file. Processes that run one program have it in common."""
        return self._places.get((file, offset))

    def remember_place(self, file: int, offset: int, number: int) -> None:
        if len(self._places) >= MAX_PLACES:
            self._places.clear()
        self._places[file, offset] = number

    def cache(self, made: Cache) -> Cache:
        """For whoever keeps numbers in `made`: it is emptied when the numbers are."""
        self._caches.append(made)
        return made

    @property
    def is_large(self) -> bool:
        return len(self._frames) > MAX_FRAMES

    def clear_if_large(self) -> None:
        """Nobody may hold a number from before outside of the caches."""
        if self.is_large:
            for kept in (self._numbers, *self._caches):
                kept.clear()
            self._frames.clear()
            self.era += 1
