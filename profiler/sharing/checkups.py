"""Links that open the report of one 60-second check without a login, with the CPU profiles that are part of it."""

from uuid import UUID

from django.db.models import QuerySet

from profiler import access
from profiler.errors import ConflictError, NotFoundError
from profiler.models import CheckupShare, StoredProfile
from profiler.sharing import links
from profiler.sharing.secret import digest, new_secret


def create_checkup_share(
    user: access.Visitor, checkup_id: str | UUID, days: int | None = None
) -> tuple[CheckupShare, str]:
    """The share and its secret, which is shown only now. Raises ConflictError while the check goes on."""
    checkup = access.checkup(user, checkup_id)
    creator = access.operator(user, "share")
    if not checkup.is_final:
        raise ConflictError("the check still looks: share it when it is done")
    secret = new_secret()
    share = CheckupShare.objects.create(
        checkup=checkup, creator=creator, token_hash=digest(secret), expires_at=links.expiry(days)
    )
    return share, secret


def open_checkup_share(secret: str, *, count: bool = False) -> CheckupShare:
    """The live share of a secret, with its check. `count`: this is a view of its page. Raises NotFoundError."""
    return links.opened(CheckupShare.objects.select_related("checkup"), secret, count=count)


def profile_in(share: CheckupShare, host: str) -> StoredProfile:
    """The recording of a host that is part of the shared check. Raises NotFoundError."""
    checked = share.checkup.hosts.select_related("run__profile__host")
    runs = (each.run for each in checked if each.host_id == host)
    profile: StoredProfile | None = next((getattr(run, "profile", None) for run in runs), None)
    if profile is None:
        raise NotFoundError("this check has no profile of that host, or it was deleted")
    return profile


def revoke_checkup_share(user: access.Visitor, checkup_id: str | UUID, share_id: str | UUID) -> CheckupShare:
    """Close a link for good. Revoking twice is the same as once."""
    return links.revoked(access.changeable_checkup_share(user, checkup_id, share_id))


def checkup_shares_of(user: access.Visitor, checkup_id: str | UUID) -> QuerySet[CheckupShare]:
    """The live shares of a check, newest first."""
    return links.live(access.checkup(user, checkup_id).shares.select_related("creator"))
