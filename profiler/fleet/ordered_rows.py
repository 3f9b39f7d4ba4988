"""Rows of which the first that fits counts: deleting and moving one, by an admin, noted in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from profiler import access
from profiler.fleet import changes, ordering
from profiler.models import ContinuousPlan, ServiceRule

Row = ContinuousPlan | ServiceRule


@dataclass(frozen=True)
class OrderedRows:
    """One kind of them. `what` is its name in the list of changes, `purpose` what only admins do, `fields` what a row
    says; `find` gives the row of a key, or raises NotFoundError.
    """

    what: str
    purpose: str
    fields: tuple[str, ...]
    find: Callable[[access.Visitor, int], Row]

    def admin(self, user: access.Visitor) -> User:
        """Raises ForbiddenError, NotFoundError."""
        return access.admin(user, self.purpose)

    def values(self, row: Row) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.fields}

    def delete(self, user: access.Visitor, key: int) -> str:
        """Returns what it was called."""
        admin = self.admin(user)
        with transaction.atomic():
            row = self.find(user, key)
            changes.note(admin, self.what, str(row), self.values(row), None)
            row.delete()
        return str(row)

    def move(self, user: access.Visitor, key: int, *, up: bool) -> None:
        """Nothing happens to the first one that is moved up, and the last one down."""
        admin = self.admin(user)
        with transaction.atomic():
            row = self.find(user, key)
            if ordering.move(type(row), row.pk, up=up):
                changes.note(admin, self.what, str(row), self.values(row), self.values(row), changes.MOVED)
