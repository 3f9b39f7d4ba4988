"""Who changed what: kept with the change itself, in one transaction."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User

from profiler import access
from profiler.models import Change

log = logging.getLogger(__name__)
MADE, CHANGED, DELETED, MOVED = "made", "changed", "deleted", "moved"
SHOWN = 10

Values = Mapping[str, Any] | None


def note(user: User, what: str, name: str, before: Values, after: Values, action: str = CHANGED) -> None:
    """In the transaction of the change. Nothing before is something made, nothing after is something deleted."""
    if before is None or after is None:
        action = MADE if before is None else DELETED
    row = {"user": user, "user_name": user.get_username(), "what": what, "name": name[:300], "action": action}
    Change.objects.create(**row, before=before, after=after)
    log.info("%s %s %s %s: %s → %s", user.get_username(), action, what, name, before, after)


def latest(user: access.Visitor, *what: str) -> Sequence[Change]:
    return list(access.changes(user).filter(what__in=what)[:SHOWN])
