"""A small debuginfod on loopback: its URL scheme, and the ways in which a server can misbehave."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class DebuginfodServer:
    """`files` by build id; `answers` takes the place of the whole answer for a path; `asked` lists what was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        if special := self.answers.get(request.path):
            special(request)
            return
        body = self.files.get(request.path.removeprefix("/buildid/").removesuffix("/debuginfo"))
        if body is None:
            request.send_error(404)
        else:
            send(request, body)


def send(request: BaseHTTPRequestHandler, body: bytes, *, claimed: int | None = None) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(body) if claimed is None else claimed))
    request.end_headers()
    request.wfile.write(body)


def redirect(to: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", to)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


@contextmanager
def running_debuginfod() -> Iterator[DebuginfodServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing on the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        server = DebuginfodServer(listener.server_port)
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
