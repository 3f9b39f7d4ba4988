"""Rows of which the first that fits counts: one place of a row among the others."""

from typing import Any

from django.db.models import Max, Min

from profiler.models import ContinuousPlan, ServiceRule

Ordered = type[ContinuousPlan] | type[ServiceRule]


def last_position(rows: Ordered) -> int:
    return (rows.objects.aggregate(end=Max("position"))["end"] or 0) + 1


def first_position(rows: Ordered) -> int:
    start = rows.objects.aggregate(start=Min("position"))["start"]
    return 0 if start is None else start - 1


def move(rows: Ordered, key: int, *, up: bool) -> bool:
    """Change places with the neighbour, in the caller's transaction; False when there is none."""
    ordered: list[Any] = list(rows.objects.all())
    here = next((place for place, row in enumerate(ordered) if row.pk == key), None)
    there = None if here is None else here + (-1 if up else 1)
    if here is None or there is None or not 0 <= there < len(ordered):
        return False
    ordered[here], ordered[there] = ordered[there], ordered[here]
    for position, row in enumerate(ordered):
        row.position = position
    rows.objects.bulk_update(ordered, ["position"])
    return True
