"""What `webprof up` was asked to do: options and environment, checked."""

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from profiler.core.channel import HOST_ID_PATTERN, host_id
from webprof import env
from webprof.up.errors import UpError

ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 – compared with, never bound unless asked for
# A supervisord configuration has no quoting for these: a line break, the start of a comment, a percent sign
# (expanded once in some settings and twice in others).
_UNWRITABLE = re.compile(r"[\x00-\x1f%]|\s[;#]")


@dataclass(frozen=True)
class UpConfig:
    """One start. `redis_url` is None when webprof runs a Redis of its own."""

    checkout: Path
    data: Path
    bind: str
    port: int
    redis_url: str | None
    host_id: str

    @classmethod
    def from_environment(cls, bind: str) -> "UpConfig":
        """Raises UpError or SettingError naming the variable and what it should be."""
        checkout = Path(__file__).resolve().parents[2]
        if not (checkout / "manage.py").exists():
            raise UpError(f"webprof up runs from a checkout, and {checkout} has no manage.py: use script/up in a clone")
        data = env.data_dir()
        for path in (checkout, data):
            if _UNWRITABLE.search(str(path)):
                raise UpError(f"{str(path)!r} holds a control character, '%', ' ;' or ' #': use another directory")
        host = env.text("WEBPROF_HOST_ID", "") or host_id(socket.gethostname())
        if not re.match(HOST_ID_PATTERN, host):
            raise UpError(
                f"WEBPROF_HOST_ID={host!r}: expected 1 to 64 of a-z 0-9 . _ -, beginning and ending with a-z 0-9"
            )
        return cls(
            checkout=checkout,
            data=data,
            bind=bind,
            port=env.number("WEBPROF_PORT", 8000, 1, 65535),
            redis_url=os.environ.get("WEBPROF_REDIS_URL") or None,
            host_id=host,
        )

    @property
    def base_url(self) -> str:
        """Where this machine's own browser finds the server."""
        local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104
        return f"http://{f'[{local}]' if ':' in local else local}:{self.port}"

    @property
    def allowed_hosts(self) -> str:
        """Names under which a browser may reach the server, as WEBPROF_ALLOWED_HOSTS spells them."""
        names = ["localhost", "127.0.0.1", "[::1]", socket.gethostname()]
        addresses = _own_addresses() if self.bind in ANY_ADDRESS else [self.bind]
        names += [f"[{address}]" if ":" in address else address for address in addresses]
        return ",".join(dict.fromkeys(names))


def _own_addresses() -> list[str]:
    families = (socket.AF_INET, socket.AF_INET6)
    found = [address for card in psutil.net_if_addrs().values() for address in card if address.family in families]
    return [address.address.partition("%")[0] for address in found]
