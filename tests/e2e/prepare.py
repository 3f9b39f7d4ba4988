"""Make the data directory of the environment ready: `python -m tests.e2e.prepare`. Prints the key of a session."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from tests.e2e.stack import ADMIN, PASSWORD  # noqa: E402

BACKEND = "django.contrib.auth.backends.ModelBackend"


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    admin = User.objects.create_superuser(ADMIN, password=PASSWORD)
    session = SessionStore()
    session.update(
        {SESSION_KEY: str(admin.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: admin.get_session_auth_hash()}
    )
    session.create()
    print(session.session_key)  # noqa: T201 what it is asked for


if __name__ == "__main__":
    main()
