"""The people of the access tests.

owner: an operator who made things. viewer: may look. stranger: has an account, but no role. admin: a superuser.
Anonymous is who is not logged in.
"""

import pytest
from django.contrib.auth.models import Group, User

from profiler.access import Role

PASSWORD = "correct horse battery staple"
ALL = ("owner", "colleague", "viewer", "stranger", "deactivated", "admin", "anonymous")
# Every query is made for somebody who may see a thing and for one who may not; who else is which, Python decides.
_ON_EACH_DATABASE = ("owner", "stranger")
EACH = [pytest.param(name, marks=() if name in _ON_EACH_DATABASE else pytest.mark.any_database) for name in ALL]


def owner() -> User:
    return _user("olga", Role.OPERATOR)


def colleague() -> User:
    """Another operator: may record, but not change what the owner made."""
    return _user("carl", Role.OPERATOR)


def viewer() -> User:
    return _user("vera", Role.VIEWER)


def stranger() -> User:
    return _user("sten", None)


def deactivated() -> User:
    user = _user("dora", Role.OPERATOR)
    user.is_active = False
    user.save()
    return user


def admin() -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


def anonymous() -> None:
    return None


def make(persona: str) -> User | None:
    """A persona by name; None for anonymous."""
    made: User | None = globals()[persona]()
    return made


def _user(name: str, role: Role | None) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    if role is not None:
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return user
