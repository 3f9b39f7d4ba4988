"""The only way from a request or a socket to an object.

Roles are Django groups: members of `viewer` see everything of the team, those of `operator` also record, upload and
share, superusers and staff change what others made. A user with no role, and a deactivated one, sees nothing.
What a user may not see does not exist for them (NotFoundError); what they see but may not change is ForbiddenError.
Share guests have no user: `sharing.open_share` leads them to one profile, `open_checkup_share` to one check.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, QuerySet

from profiler.errors import ForbiddenError, NotFoundError
from profiler.models import (
    ApiToken,
    BpftraceProgram,
    BpftraceRun,
    Change,
    Checkup,
    CheckupShare,
    ContinuousPlan,
    DebugFile,
    Host,
    Job,
    Note,
    Run,
    ServiceRule,
    Share,
    StoredProfile,
    Upload,
)

Visitor = AbstractBaseUser | AnonymousUser
Owned = Run | StoredProfile | Upload | Share | Checkup | CheckupShare
M = TypeVar("M", bound=Model)


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


# A group of its own, for operators and staff whom an admin trusts with it: bpftrace programs see everything on a host.
TRACERS = "bpftrace"


def role(user: Visitor) -> Role | None:
    """The highest role of a user; None for strangers, deactivated and anonymous ones."""
    if not isinstance(user, User) or not user.is_active:
        return None
    if user.is_superuser or user.is_staff:
        return Role.ADMIN
    names = set(user.groups.values_list("name", flat=True))
    return next((r for r in (Role.OPERATOR, Role.VIEWER) if r in names), None)


def require_role(user: Visitor) -> None:
    """For what is of the whole team and of no object: NotFoundError for who may see nothing."""
    if role(user) is None:
        raise NotFoundError("not found")


def may_operate(user: Visitor) -> bool:
    """Whether the user may record, upload and share."""
    return role(user) in (Role.OPERATOR, Role.ADMIN)


def may_change(user: Visitor, thing: Owned) -> bool:
    """Whether the user may cancel, delete or revoke this: their own as an operator, everything as an admin."""
    mine = role(user) == Role.OPERATOR and owner_id(thing) == _number(user)
    return mine or role(user) == Role.ADMIN


def note_changer(user: Visitor) -> Callable[[Note], bool]:
    """Tells of a note whether the user may change it: author and profile's owner, as operators; admins. Asks once."""
    has, number = role(user), _number(user)

    def may(note: Note) -> bool:
        theirs = number in (note.author_id, note.profile.owner_id)
        return has == Role.ADMIN or (has == Role.OPERATOR and theirs)

    return may


def owner_id(thing: Owned) -> int:
    match thing:
        case Run():
            return thing.job.owner_id
        case Share() | CheckupShare():
            return thing.creator_id
        case _:
            return thing.owner_id


def operator(user: Visitor, action: str) -> User:
    """The user as one who may `action` ("record", "upload", …), or ForbiddenError; strangers get NotFoundError."""
    if isinstance(user, User) and may_operate(user):
        return user
    if role(user) is None:
        raise NotFoundError("not found")
    raise ForbiddenError(f"user {user.get_username()} may only look, not {action}: ask an admin for operator rights")


def admin(user: Visitor, action: str) -> User:
    """The user as one who may do what concerns the whole team, or ForbiddenError; strangers get NotFoundError."""
    if isinstance(user, User) and role(user) == Role.ADMIN:
        return user
    require_role(user)
    raise ForbiddenError(f"only an admin may {action}")


def may_trace(user: Visitor) -> bool:
    """Whether the user may run bpftrace programs and see results: operators and staff in TRACERS, and superusers."""
    if not isinstance(user, User) or not may_operate(user):
        return False
    return user.is_superuser or user.groups.filter(name=TRACERS).exists()


def tracer(user: Visitor, action: str) -> User:
    """The user as one who may, or ForbiddenError; strangers get NotFoundError."""
    if isinstance(user, User) and may_trace(user):
        return user
    require_role(user)
    raise ForbiddenError(
        f"only operators in the group {TRACERS} may {action}: ask an admin to put you there (Administration, Users)"
    )


def hosts(user: Visitor) -> QuerySet[Host]:
    return _visible(user, Host.objects.all())


def runs(user: Visitor) -> QuerySet[Run]:
    return _visible(user, Run.objects.select_related("job", "job__owner", "host", "profile"))


def jobs(user: Visitor) -> QuerySet[Job]:
    return _visible(user, Job.objects.all())


def profiles(user: Visitor) -> QuerySet[StoredProfile]:
    return _visible(user, StoredProfile.objects.select_related("owner", "host"))


def uploads(user: Visitor) -> QuerySet[Upload]:
    """Uploads are private until they are profiles: one's own, or all for admins."""
    found = _visible(user, Upload.objects.all())
    return found if role(user) == Role.ADMIN else found.filter(owner_id=_number(user))


def debug_files(user: Visitor) -> QuerySet[DebugFile]:
    """The team's: names serve everybody's profiles."""
    return _visible(user, DebugFile.objects.select_related("uploader"))


def continuous_plans(user: Visitor) -> QuerySet[ContinuousPlan]:
    return _visible(user, ContinuousPlan.objects.all())


def service_rules(user: Visitor) -> QuerySet[ServiceRule]:
    return _visible(user, ServiceRule.objects.all())


def changes(user: Visitor) -> QuerySet[Change]:
    """Who changed what concerns the whole team."""
    return _visible(user, Change.objects.all())


def checkups(user: Visitor) -> QuerySet[Checkup]:
    return _visible(user, Checkup.objects.select_related("owner"))


def tokens(user: Visitor) -> QuerySet[ApiToken]:
    """One's own API tokens."""
    return _visible(user, ApiToken.objects.filter(user_id=_number(user)))


def bpftrace_programs(user: Visitor) -> QuerySet[BpftraceProgram]:
    """Everybody's, for who has the right: results may hold whatever was in a host's memory."""
    found = BpftraceProgram.objects.prefetch_related("runs")
    return found if may_trace(user) else found.none()


def bpftrace_program(user: Visitor, program_id: str | UUID) -> BpftraceProgram:
    tracer(user, "see bpftrace programs")
    return _one(bpftrace_programs(user), "bpftrace program", program_id)


def bpftrace_run(user: Visitor, run_id: str | UUID) -> BpftraceRun:
    tracer(user, "see bpftrace programs")
    return _one(BpftraceRun.objects.select_related("program"), "bpftrace run", run_id)


def host(user: Visitor, host_id: str) -> Host:
    return _one(hosts(user), "host", host_id)


def run(user: Visitor, run_id: str | UUID) -> Run:
    return _one(runs(user), "run", run_id)


def profile(user: Visitor, profile_id: str | UUID) -> StoredProfile:
    return _one(profiles(user), "profile", profile_id)


def checkup(user: Visitor, checkup_id: str | UUID) -> Checkup:
    return _one(checkups(user), "checkup", checkup_id)


def upload(user: Visitor, upload_id: str | UUID) -> Upload:
    return _one(uploads(user), "upload", upload_id)


def debug_file(user: Visitor, file_id: str | UUID) -> DebugFile:
    return _one(debug_files(user), "debug file", file_id)


def continuous_plan(user: Visitor, plan_id: str | int) -> ContinuousPlan:
    return _one(continuous_plans(user), "continuous plan", str(plan_id))


def service_rule(user: Visitor, rule_id: str | int) -> ServiceRule:
    return _one(service_rules(user), "service rule", str(rule_id))


def token(user: Visitor, token_id: str | UUID) -> ApiToken:
    return _one(tokens(user), "token", token_id)


def note(user: Visitor, note_id: str | UUID) -> Note:
    return _one(_visible(user, Note.objects.select_related("profile", "author", "changed_by")), "note", note_id)


def changeable_note(user: Visitor, note_id: str | UUID) -> Note:
    found = note(user, note_id)
    if not note_changer(user)(found):
        raise ForbiddenError(
            f"note {found.pk} was written by somebody else: only they, the profile's owner or an admin may change it"
        )
    return found


def changeable_run(user: Visitor, run_id: str | UUID) -> Run:
    return _changeable(user, run(user, run_id), "run", "cancel")


def changeable_profile(user: Visitor, profile_id: str | UUID) -> StoredProfile:
    return _changeable(user, profile(user, profile_id), "profile", "delete")


def changeable_share(user: Visitor, share_id: str | UUID) -> Share:
    return _changeable(user, _one(_visible(user, Share.objects.all()), "share", share_id), "share", "revoke")


def changeable_checkup(user: Visitor, checkup_id: str | UUID) -> Checkup:
    return _changeable(user, checkup(user, checkup_id), "check", "delete")


def changeable_checkup_share(user: Visitor, checkup_id: str | UUID, share_id: str | UUID) -> CheckupShare:
    of_it = CheckupShare.objects.filter(checkup=checkup(user, checkup_id))
    return _changeable(user, _one(of_it, "share", share_id), "share", "revoke")


def deletable_debug_file(user: Visitor, file_id: str | UUID) -> DebugFile:
    """Any operator's to delete: they belong to the team, and a wrong one spoils everybody's profiles."""
    operator(user, "delete debug files")
    return debug_file(user, file_id)


O = TypeVar("O", Run, StoredProfile, Share, Checkup, CheckupShare)  # noqa: E741 the owned sort that comes in goes out


def _changeable(user: Visitor, thing: O, noun: str, verb: str) -> O:
    if may_change(user, thing):
        return thing
    raise ForbiddenError(f"{noun} {thing.pk} belongs to somebody else: only they or an admin may {verb} it")


def _number(user: Visitor) -> int:
    return user.pk if isinstance(user, User) else 0  # no user has key 0


def _visible(user: Visitor, everything: QuerySet[M]) -> QuerySet[M]:
    return everything if role(user) is not None else everything.none()


def _one(candidates: QuerySet[M], noun: str, key: str | UUID) -> M:
    try:
        # PostgreSQL knows no NUL in text, and a query that has one fails.
        return candidates.get(pk=str(key).replace("\0", "\ufffd"))
    except (ObjectDoesNotExist, ValidationError, ValueError, OverflowError):
        raise NotFoundError(f"{noun} {str(key)[:64]!r} does not exist") from None
