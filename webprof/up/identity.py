"""Who the web server, the worker, beat and Redis run as: anyone but root, if that can be."""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SYSTEM_USER = "webprof"
PROBE_TIMEOUT_S = 30


@dataclass(frozen=True)
class Identity:
    """A user as the kernel sees it."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> Self:
        groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, groups)

    def run(
        self, command: list[str], *, cwd: Path, env: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` as this user, in a session of its own: Ctrl-C is ours to pass on."""
        return subprocess.run(
            command, cwd=cwd, env=env, timeout=timeout, user=self.uid, group=self.gid, extra_groups=self.groups,
            capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True, check=False,
        )  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """The user chosen, and why it is root when it had to be."""

    identity: Identity
    warning: str = ""


def choose_identity(checkout: Path, environment: Mapping[str, str]) -> Choice:
    """The user behind sudo, or the system user `webprof` (made when missing); root when neither may."""
    identity = _user_behind_sudo(environment) or _system_user()
    reason = _why_it_cannot_run(identity, checkout)
    if not reason:
        return Choice(identity)
    warning = (
        f"{reason}, so EVERYTHING RUNS AS ROOT, the web server too. "
        f"Put the checkout where {identity.name} can read it (for example under /opt or /srv)."
    )
    return Choice(Identity.of(pwd.getpwuid(0)), warning)


def _user_behind_sudo(environment: Mapping[str, str]) -> Identity | None:
    uid = environment.get("SUDO_UID", "")
    if not uid.isdecimal() or int(uid) == 0:
        return None
    try:
        return Identity.of(pwd.getpwuid(int(uid)))
    except KeyError:
        return None


def _system_user() -> Identity:
    try:
        return Identity.of(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)
        return Identity.of(pwd.getpwnam(SYSTEM_USER))


def _why_it_cannot_run(identity: Identity, checkout: Path) -> str:
    python = Path(sys.executable)
    for path in (checkout, python, python.resolve()):
        closed = first_closed_directory(path, identity)
        if closed:
            return f"{closed} is closed to the user {identity.name}"
    try:
        code = "import django, webprof, profiler"
        run = identity.run([sys.executable, "-c", code], cwd=checkout, env={}, timeout=PROBE_TIMEOUT_S)
    except OSError as error:
        return f"the user {identity.name} can't start {python}: {error.strerror}"
    return "" if run.returncode == 0 else f"the user {identity.name} can't import webprof: {run.stderr.strip()[-300:]}"


def first_closed_directory(path: Path, identity: Identity) -> Path | None:
    """The first directory on the way to `path` that `identity` may not enter (by its mode), or None."""
    for directory in reversed([path, *path.parents] if path.is_dir() else list(path.parents)):
        status = directory.stat()
        if status.st_uid == identity.uid:
            needed = stat.S_IXUSR
        elif status.st_gid in identity.groups:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if identity.uid != 0 and not status.st_mode & needed:
            return directory
    return None
