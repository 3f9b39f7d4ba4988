"""Links that open one profile without a login."""

from uuid import UUID

from django.db.models import QuerySet

from profiler import access
from profiler.errors import InvalidError
from profiler.models import Share
from profiler.models.share import MAX_VIEW_STATE
from profiler.sharing import links
from profiler.sharing.secret import digest, new_secret


def create_share(
    user: access.Visitor, profile_id: str | UUID, view_state: str = "", days: int | None = None
) -> tuple[Share, str]:
    """The share and its secret, which is shown only now. `view_state` is the query string the link opens with."""
    profile = access.profile(user, profile_id)
    creator = access.operator(user, "share")
    if len(view_state) > MAX_VIEW_STATE:
        raise InvalidError(
            f"view_state: {len(view_state)} characters are over the limit of {MAX_VIEW_STATE}", "view_state"
        )
    secret = new_secret()
    share = Share.objects.create(
        profile=profile,
        creator=creator,
        token_hash=digest(secret),
        view_state=view_state.removeprefix("?"),
        expires_at=links.expiry(days),
    )
    return share, secret


def open_share(secret: str, *, count: bool = False) -> Share:
    """The live share of a secret, with its profile. `count`: this is a view of its page. Raises NotFoundError."""
    return links.opened(Share.objects.select_related("profile", "profile__host"), secret, count=count)


def revoke_share(user: access.Visitor, share_id: str | UUID) -> Share:
    """Close a link for good. Revoking twice is the same as once."""
    return links.revoked(access.changeable_share(user, share_id))


def shares_of(user: access.Visitor, profile_id: str | UUID) -> QuerySet[Share]:
    """The live shares of a profile, newest first."""
    profile = access.profile(user, profile_id)
    return links.live(profile.shares.select_related("creator"))
