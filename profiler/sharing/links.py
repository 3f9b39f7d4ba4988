"""What all secret links have in common: they open until they expire, are revoked, or who made them is gone."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from profiler.errors import InvalidError, NotFoundError
from profiler.models.share import SecretLink
from profiler.sharing.secret import digest

# Who needs a link for longer makes one without an end.
MAX_DAYS = 365
L = TypeVar("L", bound=SecretLink)


def expiry(days: int | None) -> datetime | None:
    """None: it opens until it is revoked. Raises InvalidError."""
    if days is None:
        return None
    if not 1 <= days <= MAX_DAYS:
        raise InvalidError(f"days: {days} given; choose 1 to {MAX_DAYS}, or none: until it is revoked", "days")
    return timezone.now() + timedelta(days=days)


def live(links: QuerySet[L]) -> QuerySet[L]:
    """Those that still open."""
    going_on = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return links.filter(going_on, revoked_at=None, creator__is_active=True)


def opened(links: QuerySet[L], secret: str, *, count: bool) -> L:
    """The one of a secret. `count`: this is a view of its page. Raises NotFoundError, which doesn't say why."""
    link = live(links).filter(token_hash=digest(secret)).first()
    if link is None:
        raise NotFoundError("this link does not exist, has expired or was revoked; ask who sent it for a new one")
    if count:
        links.filter(pk=link.pk).update(views=F("views") + 1)
    return link


def revoked(link: L) -> L:
    """Closed for good. Twice is the same as once."""
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
    return link
