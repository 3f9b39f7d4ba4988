"""What lists have in common: how they are searched and sorted."""

from collections.abc import Mapping
from typing import TypeVar

from django.db.models import F, Model, QuerySet

from profiler.errors import InvalidError

M = TypeVar("M", bound=Model)


def searchable(text: str) -> str:
    """PostgreSQL knows no NUL in text, and refuses a query that has one."""
    return text.replace("\0", "").strip()


def sorted_by(found: QuerySet[M], sorts: Mapping[str, F], sort: str) -> QuerySet[M]:
    """By a key of `sorts`, with `-` for descending; equal ones by id. Raises InvalidError for an unknown one."""
    key = sorts.get(sort.removeprefix("-"))
    if key is None:
        raise InvalidError(f"sort: {sort[:64]!r} is not one of {', '.join(sorts)} (with - for descending)", "sort")
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-id")
