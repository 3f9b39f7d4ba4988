"""The data directory: what lies where, who owns it, and that one start at a time uses it.

The directory belongs to root and is sticky: the service user makes its database there, and can't replace what root
reads and writes beside it (the supervisor's configuration, the logs).
"""

import fcntl
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from webprof.secrets import KEY_FILE
from webprof.up.errors import UpError
from webprof.up.identity import Identity

MARKER = "supervisord.conf"
# sockaddr_un holds 108 bytes with the final zero; supervisord binds its socket under its name and a pid first.
SOCKET_PATH_MAX = 107
# What only root writes. Everything else in the directory is the service user's.
ROOTS_OWN = frozenset(
    {MARKER, "supervisor.sock", "supervisord.pid", "redis.conf", "up.lock", "log", "agent", "static.stamp"}
)
LONGEST_SOCKET = "supervisor.sock.4194304"


@dataclass(frozen=True)
class DataDir:
    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "up.lock"

    @property
    def supervisor_config(self) -> Path:
        return self.root / MARKER

    @property
    def supervisor_socket(self) -> Path:
        return self.root / "supervisor.sock"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def redis_config(self) -> Path:
        return self.root / "redis.conf"

    @property
    def redis_socket(self) -> Path:
        return self.redis / "redis.sock"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def agent(self) -> Path:
        """The agent's spool."""
        return self.root / "agent"

    @property
    def home(self) -> Path:
        """The service user's HOME: the beat schedule's and libraries' scratch."""
        return self.root / "home"

    def log(self, program: str) -> Path:
        return self.logs / f"{program}.log"

    def prepare(self, service: Identity) -> None:
        """Make every directory, and give the service user what is its own. Call with the directory taken."""
        _own_directory(self.root, 0, service.gid, 0o1770)
        _own_directory(self.logs, 0, 0, 0o755)
        _own_directory(self.agent, 0, 0, 0o700)
        for directory in (self.redis, self.home):
            directory.mkdir(exist_ok=True)
        for path in self.root.iterdir():
            if path.name not in ROOTS_OWN and path.lstat().st_uid != service.uid:
                _hand_over(path, service)
        for directory in (self.redis, self.home):
            _own_directory(directory, service.uid, service.gid, 0o700)

    def _require_ours(self) -> None:
        length = len(os.fsencode(self.root / LONGEST_SOCKET))
        if length > SOCKET_PATH_MAX:
            over = length - SOCKET_PATH_MAX
            raise UpError(
                f"the path {self.root} is {over} bytes too long for sockets in it: set WEBPROF_DATA to a shorter one"
            )
        if self.root.exists() and not self.root.is_dir():
            raise UpError(f"WEBPROF_DATA={self.root} is not a directory")
        if self.root.exists() and any(self.root.iterdir()) and not self._is_ours():
            raise UpError(
                f"WEBPROF_DATA={self.root} holds other things and is not webprof's: name an empty or new directory"
            )

    def _is_ours(self) -> bool:
        # The key alone is there when `manage.py` or the type checker loaded the settings before the first start.
        return any(path.exists() for path in (self.supervisor_config, self.lock, self.root / KEY_FILE))

    def acquire(self) -> TextIO:
        """Take the directory for this process, for as long as the returned file is open.

        Raises UpError when another start has it, or when it can't be webprof's.
        """
        self._require_ours()
        self.root.mkdir(parents=True, exist_ok=True)
        file = self.lock.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise UpError(
                f"{self.root} is in use by another `webprof up` (pid {holder}): "
                "stop it, or give this one its own WEBPROF_DATA"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        return file


def _own_directory(path: Path, uid: int, gid: int, mode: int) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if not stat.S_ISDIR(path.lstat().st_mode):
        raise UpError(f"{path} is not a directory (a link?): remove it")
    os.chown(path, uid, gid, follow_symlinks=False)
    path.chmod(mode)


def _hand_over(path: Path, service: Identity) -> None:
    """Give what an earlier start made as another user to this one's."""
    for directory, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(Path(directory, name), service.uid, service.gid, follow_symlinks=False)
    os.chown(path, service.uid, service.gid, follow_symlinks=False)
