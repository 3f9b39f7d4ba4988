"""Asking a debuginfod server for a debug file: `GET <server>/buildid/<build id>/debuginfo`."""

import http.client
import time
from collections.abc import Iterator
from email.message import Message
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from profiler.core.errors import WebprofError

# Of one answer: to connect, and between two pieces of it.
TIMEOUT_S = 10.0
# A gigabyte over a slow line takes longer; then a person uploads it.
LONGEST_S = 300.0
CHUNK_BYTES = 1 << 18


class NotThereError(WebprofError):
    """The server answered that it has no such file."""


class FetchError(WebprofError):
    """No file, and asking again later may help. The text names the server and the reason."""


class _SameServer(HTTPRedirectHandler):
    """A server may send us elsewhere on itself. What other servers are asked is for the admin to say."""

    max_redirections = 3

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: "Message", newurl: str
    ) -> Request | None:
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            raise FetchError(f"{server_name(req.full_url)} sends us to another server: {newurl[:200]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type] # as typeshed has it


def server_name(url: str) -> str:
    """What messages call a server."""
    return urlsplit(url).netloc


def fetch(server: str, build_id: str) -> Iterator[bytes]:
    """The debug file's bytes, as they come. Raises NotThereError or FetchError, also half-way.

    server: an http(s) address without a slash at its end; build_id: hexadecimal.
    """
    until = time.monotonic() + LONGEST_S
    try:
        request = Request(f"{server}/buildid/{build_id}/debuginfo", headers={"User-Agent": "webprof"})  # noqa: S310 http(s): env.urls
        with _opener().open(request, timeout=TIMEOUT_S) as answer:
            while piece := answer.read1(CHUNK_BYTES):
                yield piece
                if time.monotonic() > until:
                    raise FetchError(f"{server_name(server)} sent no whole file in {LONGEST_S:g} s")
            if answer.length:  # what Content-Length promised beyond what came
                raise FetchError(f"{server_name(server)} broke off, {answer.length:,} bytes before the end")
    except HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.NOT_FOUND:
            raise NotThereError(f"{server_name(server)} has no debug file of this build") from error
        raise FetchError(f"{server_name(server)} answered {error.code} {error.reason}") from error
    except URLError as error:
        raise FetchError(f"{server_name(server)}: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{server_name(server)}: {error or type(error).__name__}") from error


def _opener() -> OpenerDirector:
    """Only what HTTP needs: the usual one also opens files and FTP."""
    opener = OpenerDirector()
    handlers = (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor, _SameServer)
    for handler in handlers:
        opener.add_handler(handler())
    return opener
