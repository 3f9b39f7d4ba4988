"""Profiles of one series that began in the same millisecond: which is which.

Wherever they are kept, rows name their profile by its subject, time and series. A clock that was set back makes two
with one name: continuous profiles begin at whole multiples of their length. Each but the first goes to a twin of its
series, which has the same labels: no row is larger for it, no time moves, and every answer is the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from profiler.store.catalog import HotRow

# Of one millisecond. A host with more has a clock that stands still; those can be asked for, but not deleted alone.
MAX_TWINS = 100
# Subject, Unix ms and series: what names a profile in every kind of rows.
Triple = tuple[int, int, int]
# The number of a series' twin, which is made if need be: `Catalog.twin`.
Twin = Callable[[int, int], int]


def told_apart(rows: Sequence[HotRow], taken: Iterable[Triple], twin: Twin) -> list[HotRow]:
    """The rows, in twins of their series where their names are `taken`, by others or by rows before them."""
    used = set(taken)
    return [_named(row, used, twin) for row in rows]


def _named(row: HotRow, used: set[Triple], twin: Twin) -> HotRow:
    named = row
    for number in range(1, MAX_TWINS + 1):
        if triple(named) not in used:
            break
        named = replace(row, series=twin(row.series, number))
    used.add(triple(named))
    return named


def triple(row: HotRow) -> Triple:
    return row.subject, row.ts_ms, row.series
