"""How much there is of each kind of rows, wherever they are kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """Rows of one kind in so many segments or parts, compressed. Days are counted since 1970."""

    kind: str
    segments: int
    rows: int
    bytes: int
    first_day: int
    last_day: int
