"""ClickHouse's HTTP interface in front of its engine from PyPI: what the official client uses of it, and no more.

`python -m tests.store.clickhouse_front DIRECTORY` prints its port. A process of its own, because the engine is one per
process. Queries run one after another. Inserts go by way of a file: the engine in a process takes no body.
"""

import gzip
import re
import sys
import tempfile
from collections.abc import Callable
from email import message_from_bytes
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import lz4.frame
import zstandard
from chdb import session

# What belongs to the protocol; everything else in the address is a setting or a parameter of the query.
PROTOCOL = {
    "query", "database", "default_format", "client_protocol_version", "wait_end_of_query", "enable_http_compression",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "session_id", "query_id", "role",
    "buffer_size", "compress", "decompress",
}  # fmt: skip
# A cluster of this one engine. It has no Keeper and takes no distributed DDL: see `alone`.
CLUSTER = "main"
CONFIG = f"""<clickhouse>
<tcp_port>9000</tcp_port>
<macros><shard>one</shard><replica>one</replica></macros>
<remote_servers><{CLUSTER}><shard><internal_replication>true</internal_replication>
<replica><host>127.0.0.1</host><port>9000</port></replica></shard></{CLUSTER}></remote_servers>
</clickhouse>
"""
CODES = {"UNKNOWN_TABLE": 60, "UNKNOWN_DATABASE": 81}


class Front(ThreadingHTTPServer):
    """One engine, one query at a time."""

    daemon_threads = True

    def __init__(self, directory: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        Path(directory).mkdir(exist_ok=True)
        config = Path(directory) / "config.xml"
        config.write_text(CONFIG)
        self.session: Any = session.Session(f"{directory}/data?config-file={config}")  # type: ignore[no-untyped-call]
        self.session.query("CREATE DATABASE IF NOT EXISTS default")  # type: ignore[no-untyped-call]
        self.lock = Lock()
        self.usual: dict[str, str] = {}
        self.current: dict[str, str] = {}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed by tests."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def run(self, sql: str, fmt: str, settings: dict[str, str], params: dict[str, str]) -> bytes:
        with self.lock:
            self._set(settings)
            return bytes(self.session.query(alone(sql), fmt, params=params).bytes() or b"")

    def _set(self, settings: dict[str, str]) -> None:
        """As a server does with the settings of an address: for one query alone."""
        for name in settings:
            if name not in self.usual:
                sql = f"SELECT value FROM system.settings WHERE name = '{name}'"  # noqa: S608
                self.usual[name] = bytes(self.session.query(sql, "TSVRaw").bytes()).decode().rstrip("\n")
        wanted = self.usual | settings
        changed = {name: value for name, value in wanted.items() if value != self.current.get(name)}
        if changed:
            self.session.query("SET " + ", ".join(f"{name} = '{value}'" for name, value in changed.items()))
        self.current = wanted


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._answer(HTTPStatus.OK, b"Ok.\n")
        else:
            self._query(b"")

    def do_POST(self) -> None:
        self._query(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self._line(), 16):
                body += self._read(size)
                self._line()
            self._line()
        else:
            body = self._read(int(self.headers.get("Content-Length", 0)))
        encoding = self.headers.get("Content-Encoding", "")
        decode: dict[str, Callable[[bytes], bytes]] = {
            "": bytes,
            "gzip": gzip.decompress,
            "lz4": lz4.frame.decompress,
            "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        }
        return decode[encoding](body)

    def _line(self) -> bytes:
        return self.rfile.readline() or self._gone()

    def _read(self, length: int) -> bytes:
        body = self.rfile.read(length)
        return body if len(body) == length else self._gone()

    def _gone(self) -> NoReturn:
        """A server takes nothing of a request that was not sent to its end."""
        raise ConnectionError("the client went away in the middle of a request")

    def _query(self, body: bytes) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        form = self.headers.get("Content-Type", "")
        if form.startswith("multipart/form-data"):
            asked |= _fields(form, body)
            body = b""
        params = {name[6:]: value for name, value in asked.items() if name.startswith("param_")}
        settings = {n: v for n, v in asked.items() if n not in PROTOCOL and not n.startswith("param_")}
        sql = asked.get("query", "")
        try:
            if sql and body:
                answer, fmt = self._insert(sql, body, settings), ""
            else:
                sql = sql or body.decode()
                fmt = self.headers.get("X-ClickHouse-Format") or asked.get("default_format", "TabSeparated")
                answer = self.server.run(sql, fmt, settings, params)
        except RuntimeError as error:
            text = str(error)
            code = next((code for name, code in CODES.items() if name in text), 1)
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, text.encode(), {"X-ClickHouse-Exception-Code": str(code)})
            return
        self._answer(HTTPStatus.OK, answer, {"X-ClickHouse-Format": fmt})

    def _insert(self, sql: str, body: bytes, settings: dict[str, str]) -> bytes:
        """`INSERT INTO table (columns) FORMAT name`, its rows from a file."""
        into, _, fmt = sql.strip().rpartition(" FORMAT ")
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(body)
            rows = f"SELECT * FROM file('{file.name}', '{fmt.split()[0]}')"  # noqa: S608
            return self.server.run(f"{into} {rows}", "TSV", settings, {})

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def alone(sql: str) -> str:
    """A cluster's statement as this one engine can do it: tables that are not replicated, made here. The rest stays."""
    if f" ON CLUSTER {CLUSTER}" not in sql:
        return sql
    sql = sql.replace(f" ON CLUSTER {CLUSTER}", "")
    sql = re.sub(r"ENGINE = Replicated(\w+)\('[^']*', '[^']*'(, )?", r"ENGINE = \1(", sql)
    return re.sub(r"replicated_deduplication_window = (\d+).*", r"non_replicated_deduplication_window = \1", sql)


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found = {}
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        found[str(part.get_param("name", header="content-disposition"))] = bytes(content).decode()
    return found


if __name__ == "__main__":
    front = Front(sys.argv[1])
    print(front.server_port, flush=True)  # noqa: T201
    front.serve_forever()
