"""One-time login links: how the first admin gets in without a password."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from profiler.errors import NotFoundError
from profiler.models import LoginLink
from profiler.sharing.secret import digest, new_secret

LIFETIME = timedelta(minutes=15)


def create_login_link(user: User, lifetime: timedelta = LIFETIME) -> str:
    """The secret of a new link; it opens `/login/link/<secret>/` once."""
    secret = new_secret()
    LoginLink.objects.create(user=user, token_hash=digest(secret), expires_at=timezone.now() + lifetime)
    return secret


def consume_login_link(secret: str) -> User:
    """The user to log in. Raises NotFoundError when the link is unknown, used or expired; it does not say which."""
    now = timezone.now()
    unused = LoginLink.objects.filter(token_hash=digest(secret), used_at=None, expires_at__gt=now, user__is_active=True)
    # The conditional update lets exactly one of two clicks at once win.
    if not unused.update(used_at=now):
        raise NotFoundError("this login link was used, has expired or never existed; make a new one")
    return LoginLink.objects.select_related("user").get(token_hash=digest(secret)).user


def delete_expired_links() -> int:
    """How many links were deleted."""
    deleted, _ = LoginLink.objects.filter(expires_at__lt=timezone.now()).delete()
    return deleted
