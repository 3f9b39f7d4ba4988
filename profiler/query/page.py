"""One page of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class Page(Generic[M]):
    """`number` counts from 1 and is clamped to the pages there are; `total` is of all pages."""

    items: Sequence[M]
    number: int
    pages: int
    total: int


def paged(found: QuerySet[M], number: int, size: int = PAGE_SIZE) -> Page[M]:
    """Two queries: the count and the page."""
    size = max(1, min(size, MAX_PAGE_SIZE))
    total = found.count()
    pages = max(1, -(-total // size))
    number = max(1, min(number, pages))
    return Page(list(found[(number - 1) * size : number * size]), number, pages, total)
