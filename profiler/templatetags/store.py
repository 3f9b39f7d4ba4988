"""The profile store's parts in words."""

from datetime import UTC, datetime

from django import template

from profiler.catalog.rounds import DONE, FAILED, NOTHING, OVERTAKEN
from profiler.store.held import Held
from profiler.templatetags.human import THIN

register = template.Library()

KINDS = {
    "raw": "each profile's samples",
    "r10m": "sums of ten minutes",
    "r1h": "sums of an hour",
    "r1d": "sums of a day",
    "hdr": "a row for each profile",
    "losses": "what is known of each profile's losses",
    "times": "samples with the time of each",
    "nodes": "dictionary: how stacks grow out of each other",
    "stacks": "dictionary: numbers of stacks",
    "frames": "dictionary: functions",
}
CLASSES = {DONE: "good", NOTHING: "good", OVERTAKEN: "off", FAILED: "bad"}


@register.filter
def kind_of_segment(kind: str) -> str:
    return KINDS.get(kind, "")


@register.filter
def per_row(kind: Held) -> str:
    """Bytes for each row."""
    return f"{kind.bytes / kind.rows:.2f}{THIN}B" if kind.rows else "–"


@register.filter
def days_of(kind: Held) -> str:
    """The first and the last day."""
    first, last = (
        datetime.fromtimestamp(day * 86_400, UTC).date().isoformat() for day in (kind.first_day, kind.last_day)
    )
    return first if first == last else f"{first} – {last}"


@register.filter
def work_class(outcome: str) -> str:
    """The style of an outcome of upkeep."""
    return CLASSES.get(outcome, "off")
