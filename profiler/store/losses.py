"""How far sums can be trusted: small rows beside each profile, that add up to a quality."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from profiler.core.quality import OTHERS, Quality

# Reasons of a kind that are kept of one profile and service; the rarest of more become one.
MAX_REASONS = 16
MAX_REASON = 256
SAMPLES, VALUE, THINNED, SKIPPED = "samples", "value", "thinned", "skipped"
_BY_REASON = ("lost", "outcomes", "unknown")
UNTOLD = "values of profiles whose losses are not kept"


class Told(NamedTuple):
    """So much of `what`: a field of Quality, or VALUE, the profile's total that the others are about."""

    what: str
    reason: str
    amount: int


def told_of(quality: Quality, total: int) -> list[Told]:
    rows = [Told(VALUE, "", total), Told(SAMPLES, "", quality.samples), Told(THINNED, "", quality.thinned)]
    for what in _BY_REASON:
        rows += [Told(what, reason, count) for reason, count in _largest(getattr(quality, what)).items()]
    return [row for row in rows if row.amount]


def quality_of(rows: Iterable[Told], total: int) -> Quality | None:
    """The sum of all these, beside values that add up to `total`; None when there is none: nothing is known then."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for what, reason, amount in rows:
        counts[what][reason] += amount
    if not counts:
        return None
    lost, outcomes, unknown = (_positive(counts[what]) for what in _BY_REASON)
    skipped = _positive({**counts[SKIPPED], UNTOLD: total - counts[VALUE][""]})
    samples, thinned = counts[SAMPLES][""], counts[THINNED][""]
    return Quality(samples, lost, outcomes, unknown, skipped, thinned=thinned)


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in counts.items() if count > 0}


def _largest(counts: Mapping[str, int]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = {reason[:MAX_REASON]: count for reason, count in ordered[: MAX_REASONS - 1]}
    rest = sum(counts.values()) - sum(kept.values())
    return kept | ({OTHERS: kept.get(OTHERS, 0) + rest} if rest else {})
