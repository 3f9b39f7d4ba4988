"""Which numbered frames are an interpreter's loop."""

from collections.abc import Sequence

from profiler.agent.runtimes.python_process import EVAL, InterpreterFinder
from profiler.agent.sampling.frame_table import FrameTable
from profiler.core.frame import Frame, FrameKind

# What Python 2 calls its loop.
EVAL_BEFORE_3_6 = "PyEval_EvalFrameEx"


class PythonLoops:
    """Each frame is looked at once, and again when the finder has met a file with an interpreter."""

    def __init__(self, table: FrameTable, finder: InterpreterFinder) -> None:
        self._table = table
        self._finder = finder
        self._loops: set[int] = table.cache(set())
        self._before_3_6: set[int] = table.cache(set())
        # Parts of a loop without a symbol, and the loop with its name.
        self._parts: dict[int, int] = table.cache({})
        self._placeholders: set[int] = table.cache(set())
        self._seen = (0, 0, 0)

    def find(self, frames: Sequence[int]) -> tuple[Sequence[int], list[int]]:
        """The stack with the loop's name for all parts of it, and where loops are."""
        self._look_at_new()
        if self._parts and not self._parts.keys().isdisjoint(frames):
            frames = [self._parts.get(number, number) for number in frames]
            self._look_at_new()
        loops = self._loops
        return frames, [place for place, number in enumerate(frames) if number in loops]

    def has_old(self, frames: Sequence[int]) -> bool:
        """Whether there is a loop of Python 2 or the first of 3."""
        return not self._before_3_6.isdisjoint(frames)

    def begins_cut(self, frames: Sequence[int]) -> bool:
        """Whether the first frame is a placeholder."""
        return bool(frames) and frames[0] in self._placeholders

    def _look_at_new(self) -> None:
        era, seen, files = self._seen
        now = (self._table.era, len(self._table), self._finder.files_with_parts)
        if now == self._seen:
            return
        self._seen = now
        for number in range(seen if (era, files) == (now[0], now[2]) else 0, now[1]):
            self._look_at(number, self._table[number])

    def _look_at(self, number: int, frame: Frame) -> None:
        if frame.kind is FrameKind.PLACEHOLDER:
            self._placeholders.add(number)
        elif is_eval(frame):
            self._loops.add(number)
        elif frame.name == EVAL_BEFORE_3_6:
            self._before_3_6.add(number)
        elif frame.offset and (named := self._finder.with_loop(frame)) is not frame:
            self._parts[number] = self._table.number(named)


def is_eval(frame: Frame) -> bool:
    """Whether it is the loop; compilers split parts of it off as `….cold`."""
    return frame.kind is FrameKind.NATIVE and frame.name.partition(".")[0] == EVAL
