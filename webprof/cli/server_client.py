"""A webprof server's API as the command line needs it: send a file, ask for an object. Standard library only."""

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from webprof import env

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 60
MESSAGE_MAX = 2000
POLL_S = 0.3
# Reading a file takes seconds; a server whose worker is busy or gone must not hold a terminal or a CI job for ever.
READ_TIMEOUT_S = 600
UNFINISHED = ("queued", "reading")
REFUSED = ("failed", "refused")


class UnreachableError(Exception):
    """No server answered."""


class RefusedError(Exception):
    """The server answered, and said no."""


class ServerClient:
    """One server and one token."""

    def __init__(self, url: str, token: str) -> None:
        """Raises UnreachableError for something that isn't the address of a server."""
        try:
            parts = urlsplit(url)
            self._port = parts.port
        except ValueError as error:
            raise UnreachableError(f"{url!r} is not a server's address: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UnreachableError(f"{url!r} is not a server's address: expected http://host:port")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise RefusedError("the token holds characters that no token has: copy it again from /tokens/")
        self.base = url.rstrip("/")
        self._path = parts.path.rstrip("/")
        self._parts = parts
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def get(self, path: str) -> dict[str, Any]:
        """A JSON object. Raises UnreachableError or RefusedError."""
        return self._exchange("GET", path, {}, lambda _: None)

    def send_file(
        self, path: str, file: Path, fields: Mapping[str, str], sent: Callable[[int], None]
    ) -> dict[str, Any]:
        """POST `file` as multipart/form-data, a piece at a time; `sent` hears how many bytes each piece had."""
        boundary = secrets.token_hex(16)
        head = "".join(_part(boundary, f'name="{name}"') + f"{value}\r\n" for name, value in fields.items())
        head += _part(boundary, f'name="file"; filename="{_quoted(file.name)}"', "application/octet-stream")
        before, after = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(before) + file.stat().st_size + len(after)),
        }

        def body(connection: http.client.HTTPConnection) -> None:
            connection.send(before)
            with file.open("rb") as source:
                while piece := source.read(CHUNK_BYTES):
                    connection.send(piece)
                    sent(len(piece))
            connection.send(after)

        return self._exchange("POST", path, headers, body)

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: Callable[[http.client.HTTPConnection], None]
    ) -> dict[str, Any]:
        connection = self._connection()
        try:
            connection.putrequest(method, self._path + path)
            for name, value in {**self._headers, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            # A server may refuse before it has read everything; what it said is waiting.
            with suppress(BrokenPipeError, ConnectionResetError):
                body(connection)
            response = connection.getresponse()
            return _object(response, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(
                f"no answer from {self.base}: {error or type(error).__name__}; is the server running?"
            ) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)


def local_server() -> str:
    """The address of this machine's server."""
    return f"http://127.0.0.1:{env.number('WEBPROF_PORT', 8000, 1, 65535)}"


def wait_until_read(client: ServerClient, sent: dict[str, Any]) -> dict[str, Any]:
    """What became of a file once a worker has read it. Raises RefusedError with what was wrong, KeyError for no API."""
    deadline = time.monotonic() + READ_TIMEOUT_S
    while sent["state"] in UNFINISHED:
        if time.monotonic() > deadline:
            raise RefusedError(
                f"not read within {READ_TIMEOUT_S} s (still {sent['state']}): does the server's worker run?"
            )
        time.sleep(POLL_S)
        sent = client.get(str(sent["status_url"]))
    if sent["state"] in REFUSED:
        raise RefusedError(f"the server can't read this file: {sent['message']}")
    return sent


def _quoted(name: str) -> str:
    """A file name in a header, as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _part(boundary: str, disposition: str, content_type: str = "text/plain; charset=utf-8") -> str:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {content_type}\r\n\r\n"


def _object(response: http.client.HTTPResponse, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise RefusedError(f"refused ({response.status}): {_message(answer) or response.reason}")
    if not isinstance(answer, dict):
        raise RefusedError(f"the answer ({response.status}) is not the API's: is this a webprof server?")
    return answer


def _message(answer: object) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("message", ""))[:MESSAGE_MAX] if isinstance(error, dict) else ""
