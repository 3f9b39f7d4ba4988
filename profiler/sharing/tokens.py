"""API tokens: `Authorization: Bearer wp_…` stands for the user who made it."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from profiler import access
from profiler.errors import InvalidError, NotFoundError
from profiler.models import ApiToken
from profiler.models.token import MAX_TOKEN_NAME
from profiler.sharing.secret import digest, new_secret

PREFIX = "wp_"
# "Last used" is for people; writing it on every request would make each read a write.
USED_PRECISION = timedelta(minutes=1)


def create_token(user: access.Visitor, name: str) -> tuple[ApiToken, str]:
    """The token and its secret, which is shown only now."""
    if not isinstance(user, User) or access.role(user) is None:
        raise NotFoundError("not found")
    name = name.strip()
    if not 0 < len(name) <= MAX_TOKEN_NAME:
        raise InvalidError(
            f"name: {len(name)} characters; give 1 to {MAX_TOKEN_NAME}, such as the script's name", "name"
        )
    secret = new_secret(PREFIX)
    return ApiToken.objects.create(user=user, name=name, token_hash=digest(secret)), secret


def authenticate_token(secret: str) -> User | None:
    """The active user a token stands for, or None."""
    token = ApiToken.objects.select_related("user").filter(token_hash=digest(secret), user__is_active=True).first()
    if token is None:
        return None
    now = timezone.now()
    # Looked at first: an update waits for who writes, also one that changes nothing, and each request comes by here.
    if token.last_used_at is None or token.last_used_at < now - USED_PRECISION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user


def revoke_token(user: access.Visitor, token_id: str | UUID) -> None:
    access.token(user, token_id).delete()
