"""The part of a profile's time that somebody asks for: `from` and `to` in a URL, seconds after its start."""

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from profiler.core.profile import Profile
from profiler.core.select import select
from profiler.errors import InvalidError

# A century in seconds; more digits than a nanosecond has say nothing.
MAX_SECONDS = 100 * 365 * 86_400
MAX_CHARACTERS = 32


class TimeRange(NamedTuple):
    """Samples with from_ns ≤ time < to_ns; None is open."""

    from_ns: int | None = None
    to_ns: int | None = None

    def of(self, profile: Profile) -> Profile:
        return profile if self == TimeRange() else select(profile, self.from_ns, self.to_ns)


def asked_range(from_text: str | None, to_text: str | None) -> TimeRange:
    """Seconds with decimals, such as `2.5`; None for the start or the end. Raises InvalidError naming the field."""
    asked = TimeRange(_nanoseconds("from", from_text), _nanoseconds("to", to_text))
    if asked.from_ns is not None and asked.to_ns is not None and asked.from_ns >= asked.to_ns:
        raise InvalidError(f"to: {to_text} is not after from, which is {from_text}", "to")
    return asked


def _nanoseconds(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        seconds = Decimal(text) if len(text) <= MAX_CHARACTERS else Decimal("nan")
    except InvalidOperation:
        seconds = Decimal("nan")
    if not (seconds.is_finite() and 0 <= seconds <= MAX_SECONDS):
        shown = text[:MAX_CHARACTERS]
        raise InvalidError(f"{field}: {shown!r} is not a number of seconds from 0 to {MAX_SECONDS:,}", field)
    return int(seconds * 10**9)
