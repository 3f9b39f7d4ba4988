"""Roles, and what each may see and change."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User

from profiler import access
from profiler.access import Role
from profiler.errors import ForbiddenError, NotFoundError
from profiler.ingest.store import Origin, store
from profiler.models import StoredProfile
from tests import personas
from tests.agent_double import cpu_profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    return store(cpu_profile("web-1"), Origin(owner, "a profile", "folded"))


@pytest.mark.parametrize(
    ("persona", "role"),
    [
        ("owner", Role.OPERATOR),
        ("viewer", Role.VIEWER),
        ("stranger", None),
        ("deactivated", None),
        ("admin", Role.ADMIN),
        ("anonymous", None),
    ],
)
def test_each_persona_has_its_role(persona: str, role: Role | None) -> None:
    assert access.role(personas.make(persona) or AnonymousUser()) == role


def test_of_two_roles_the_higher_counts() -> None:
    user = personas.viewer()
    user.groups.add(Group.objects.get_or_create(name=Role.OPERATOR)[0])
    assert access.role(user) == Role.OPERATOR


@pytest.mark.parametrize("persona", ["stranger", "deactivated", "anonymous"])
def test_for_who_has_no_role_nothing_exists(persona: str, profile: StoredProfile) -> None:
    user = personas.make(persona) or AnonymousUser()
    with pytest.raises(NotFoundError, match="does not exist"):
        access.profile(user, profile.pk)
    assert not access.profiles(user)
    assert not access.hosts(user)


def test_what_does_not_exist_and_what_is_no_key_answer_the_same(viewer: User) -> None:
    for key in ("00000000-0000-4000-8000-000000000000", "x", "' OR 1=1", "\0"):
        with pytest.raises(NotFoundError, match="does not exist"):
            access.profile(viewer, key)
        with pytest.raises(NotFoundError, match="does not exist"):
            access.host(viewer, key)


def test_a_former_operator_may_not_change_their_own(profile: StoredProfile, owner: User) -> None:
    owner.groups.set([Group.objects.get_or_create(name=Role.VIEWER)[0]])
    with pytest.raises(ForbiddenError):
        access.changeable_profile(owner, profile.pk)


def test_admins_change_everything(profile: StoredProfile, admin: User) -> None:
    assert access.changeable_profile(admin, profile.pk) == profile
