"""Prints the path of a one-time login link: how the first admin gets in."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import quote

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from profiler.sharing import create_login_link
from profiler.sharing.login import LIFETIME

ADMIN = "admin"


class Command(BaseCommand):
    help = f"Print the path of a login link that works once, within {LIFETIME.seconds // 60} minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--user", metavar="NAME", default=ADMIN, help=f"who logs in (default: {ADMIN})")
        who.add_argument("--create-admin", action="store_true", help=f"make the admin {ADMIN!r} when there is none")
        parser.add_argument("--next", metavar="PATH", default="", help="the page to open after it, such as /hosts/")

    def handle(self, *args: Any, **options: Any) -> None:
        user = ensure_admin() if options["create_admin"] else _existing(options["user"])
        follow = f"?next={quote(options['next'])}" if options["next"] else ""
        self.stdout.write(f"/login/link/{create_login_link(user)}/{follow}")


def ensure_admin() -> User:
    """The first active superuser; made without a password when there is none."""
    existing = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    return existing or User.objects.create_superuser(ADMIN)


def _existing(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"there is no active user {name!r}; --create-admin makes the first one")
    return user
