"""The maps that a program prints: the last state of each, and how it came to it."""

from profiler.core.bpftrace.output import Bucket, MapPrinted, Stats
from profiler.core.bpftrace.output import Cell as SaidCell
from profiler.core.bpftrace.results import (
    MAX_MAP_CHARACTERS,
    MAX_MAPS,
    MAX_POINT_CELLS,
    MAX_POINT_ROWS,
    MAX_POINTS,
    MAX_ROWS,
    Cell,
    MapResult,
    Point,
)
from profiler.core.bpftrace.stacks import holds_stack

# A bucket is two bounds and a count; what is not text counts as this many characters.
NUMBER_CHARACTERS = 8
MAX_NAME = 256


class Maps:
    """`add` each printed map; `told` gives them in the order of their names."""

    def __init__(self) -> None:
        self._maps: dict[str, MapResult] = {}
        self._sizes: dict[str, int] = {}
        self._cells = 0
        self.left_out = 0

    def add(self, said: MapPrinted, at_ms: int) -> None:
        name = said.name[:MAX_NAME]
        known = self._maps.get(name)
        if known is None and len(self._maps) >= MAX_MAPS:
            self.left_out += 1
            return
        rows = sorted(said.rows.items(), key=lambda row: (-_weight(row[1]), row[0]))
        room = MAX_MAP_CHARACTERS - sum(size for other, size in self._sizes.items() if other != name)
        kept, size = _fitting(rows, room)
        told = MapResult(name=name, shows=_shows(rows), keyed=said.keyed, rows=kept, left_out=len(rows) - len(kept))
        if known is not None:
            told.points, told.points_left_out = known.points, known.points_left_out
        self._maps[name], self._sizes[name] = told, size
        self._remember(told, at_ms)

    def told(self) -> list[MapResult]:
        return [self._maps[name] for name in sorted(self._maps)]

    def _remember(self, told: MapResult, at_ms: int) -> None:
        """A point in time. Stacks have none: a flame graph is of all of them."""
        if told.shows in ("stacks", "text"):
            return
        rows = told.rows[:MAX_POINT_ROWS]
        cells = sum(len(cell) if isinstance(cell, list) else 1 for _, cell in rows)
        if len(told.points) >= MAX_POINTS or self._cells + cells > MAX_POINT_CELLS:
            told.points_left_out += 1
            return
        self._cells += cells
        told.points.append(Point(at_ms=at_ms, rows=rows))


def _shows(rows: list[tuple[str, SaidCell]]) -> str:
    cells = [cell for _, cell in rows]
    if any(isinstance(cell, tuple) for cell in cells):
        return "histogram"
    if any(isinstance(cell, Stats) for cell in cells):
        return "stats"
    if any(isinstance(cell, str) for cell in cells):
        return "text"
    return "stacks" if any(holds_stack(key) for key, _ in rows) else "number"


def _fitting(rows: list[tuple[str, SaidCell]], room: int) -> tuple[list[tuple[str, Cell]], int]:
    """The first rows that there is room for, and their size in characters."""
    kept: list[tuple[str, Cell]] = []
    size = 0
    for key, said in rows[:MAX_ROWS]:
        cell = _cell(said)
        added = len(key) + (len(cell) if isinstance(cell, str) else NUMBER_CHARACTERS * _numbers(cell))
        if size + added > room:
            break
        size += added
        kept.append((key, cell))
    return kept, size


def _numbers(cell: Cell) -> int:
    return 3 * len(cell) if isinstance(cell, list) else 1


def _cell(said: SaidCell) -> Cell:
    if isinstance(said, Stats):
        return (said.count, said.average, said.total)
    if isinstance(said, tuple):
        return [(bucket.low, bucket.high, bucket.count) for bucket in said]
    return said


def _weight(cell: SaidCell) -> int:
    if isinstance(cell, Stats):
        return abs(cell.total)
    if isinstance(cell, tuple):
        return sum(bucket.count for bucket in cell if isinstance(bucket, Bucket))
    return abs(cell) if isinstance(cell, int) else 0
