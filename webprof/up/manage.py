"""Django's management commands, run as the service user."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webprof.up.errors import UpError
from webprof.up.identity import Identity

# A migration of a large database may take its time; nothing else here takes more than a few seconds.
COMMAND_TIMEOUT_S = 1800
ERROR_LINES = 15

# What the programs may know of root's environment: where things are, the language, and webprof's own settings.
_NAMES = frozenset({"PATH", "LANG", "TZ", "DATABASE_URL"})
_PREFIXES = ("LC_", "PG", "WEBPROF_")


def program_environment(environment: Mapping[str, str], **settings: str) -> dict[str, str]:
    """The environment of every program: the allowed part of root's, with `settings` over it."""
    kept = {name: value for name, value in environment.items() if name in _NAMES or name.startswith(_PREFIXES)}
    return {"PATH": os.defpath, "PYTHONUNBUFFERED": "1", **kept, **settings}


@dataclass(frozen=True)
class Manage:
    """`python manage.py` in `checkout` as `service`."""

    checkout: Path
    service: Identity
    environment: Mapping[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=self.checkout, env=self.environment, text=True,
            user=self.service.uid, group=self.service.gid, extra_groups=self.service.groups,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        """What the command printed. Raises UpError with the end of its complaint."""
        return finish(self.start(*arguments))


def finish(command: subprocess.Popen[str]) -> str:
    """Wait for a command of `Manage.start`. Raises UpError with the end of its complaint."""
    output, complaint = command.communicate(timeout=COMMAND_TIMEOUT_S)
    if command.returncode:
        end = "\n".join(f"    {line}" for line in complaint.strip().splitlines()[-ERROR_LINES:])
        raise UpError(f"{_name(command)} failed (exit {command.returncode}):\n{end}")
    return output


def _name(command: subprocess.Popen[str]) -> str:
    return " ".join(command.args[1:]) if isinstance(command.args, list) else str(command.args)
