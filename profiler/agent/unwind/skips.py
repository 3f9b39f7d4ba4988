"""What was left out of unwind tables: each thing once, however often it is met."""

from collections import Counter
from collections.abc import Hashable

# A thing that is met again after so many others counts again; a recording that leaves out as many has other troubles.
MAX_REMEMBERED = 65_536


class Skips:
    """Counts by reason. Not thread-safe."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Hashable], int] = {}
        self._new: Counter[str] = Counter()

    def add(self, reason: str, thing: Hashable, amount: int = 1) -> None:
        """`amount`: how much of the thing is left out; when it is met again with more, the difference counts."""
        key = reason, thing
        before = self._seen.get(key, 0)
        if amount <= before:
            return
        if len(self._seen) >= MAX_REMEMBERED:
            self._seen.clear()
        self._seen[key] = amount
        self._new[reason] += amount - before

    def take(self) -> dict[str, int]:
        """What is new since the last call."""
        taken, self._new = self._new, Counter()
        return dict(taken)
