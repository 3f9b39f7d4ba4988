"""Links that open one profile without a login."""

from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from profiler import access
from profiler.errors import InvalidError, NotFoundError
from profiler.models import Share
from profiler.models.share import MAX_VIEW_STATE
from profiler.sharing.secret import digest, new_secret


def create_share(user: access.Visitor, profile_id: str | UUID, view_state: str = "") -> tuple[Share, str]:
    """The share and its secret, which is shown only now. `view_state` is the query string the link opens with."""
    profile = access.profile(user, profile_id)
    creator = access.operator(user, "share")
    if len(view_state) > MAX_VIEW_STATE:
        raise InvalidError(
            f"view_state: {len(view_state)} characters are over the limit of {MAX_VIEW_STATE}", "view_state"
        )
    secret = new_secret()
    share = Share.objects.create(
        profile=profile, creator=creator, token_hash=digest(secret), view_state=view_state.removeprefix("?")
    )
    return share, secret


def open_share(secret: str, *, count: bool = False) -> Share:
    """The live share of a secret, with its profile. `count`: this is a view of its page. Raises NotFoundError."""
    share = (
        Share.objects.select_related("profile", "profile__host")
        .filter(token_hash=digest(secret), revoked_at=None, creator__is_active=True)
        .first()
    )
    if share is None:
        raise NotFoundError("this link does not exist or was revoked; ask who sent it for a new one")
    if count:
        Share.objects.filter(pk=share.pk).update(views=F("views") + 1)
    return share


def revoke_share(user: access.Visitor, share_id: str | UUID) -> Share:
    """Close a link for good. Revoking twice is the same as once."""
    share = access.changeable_share(user, share_id)
    if share.revoked_at is None:
        share.revoked_at = timezone.now()
        share.save(update_fields=["revoked_at"])
    return share


def shares_of(user: access.Visitor, profile_id: str | UUID) -> QuerySet[Share]:
    """The live shares of a profile, newest first."""
    profile = access.profile(user, profile_id)
    return profile.shares.filter(revoked_at=None).select_related("creator")
