"""Where a ClickHouse server is: `clickhouse://user:password@host:8123/database?cluster=name`."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from profiler.store.errors import StoreError

PORTS = {"clickhouse": 8123, "clickhouses": 8443}
DATABASE = "webprof"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_OPTIONS = {"cluster", "ca", "password_file"}


@dataclass(frozen=True)
class Address:
    """`cluster`: the name of the server's cluster that the tables are spread over; empty for one server alone.

    `ca`: a file with the certificate that signs the server's, when the system does not know it. `?password_file=` names
    a file with the password: environments are seen by more people than files.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    secure: bool
    cluster: str = ""
    ca: str = ""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Raises StoreError, which never shows the password."""
        parts = urlsplit(url)
        shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        if parts.scheme not in PORTS or not parts.hostname:
            raise StoreError(f"{shown!r}: expected clickhouse://user:password@host/database, or clickhouses:// for TLS")
        options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if unknown := sorted(set(options) - _OPTIONS):
            raise StoreError(f"{shown!r}: unknown option {unknown[0]!r}; there are {', '.join(sorted(_OPTIONS))}")
        database, cluster = parts.path.strip("/") or DATABASE, options.get("cluster", "")
        for what, name in (("database", database), ("cluster", cluster)):
            # They become part of SQL.
            if name and not _NAME.fullmatch(name):
                raise StoreError(f"{shown!r}: {what} {name!r} may have letters, digits and _ only")
        user, password = unquote(parts.username or "default"), unquote(parts.password or "")
        if secret := options.get("password_file"):
            password = _secret(secret, shown)
        port = parts.port or PORTS[parts.scheme]
        secure = parts.scheme == "clickhouses"
        return cls(parts.hostname, port, user, password, database, secure, cluster, options.get("ca", ""))

    def __str__(self) -> str:
        return f"ClickHouse at {self.host}:{self.port}"


def _secret(path: str, shown: str) -> str:
    """One line: what containers call a secret."""
    try:
        return Path(path).read_text().removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{shown!r}: no password in password_file {path!r}: {error}") from None
