"""A server of the floor's page and the peers', and of profiles for them: nothing that hides the viewers' own times."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLOOR = "/floor.html?src=/tree.wpt"
#: Nothing is on it; browsers ask for a page's process when they leave the empty page that they start with.
START = "/start.html"
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".wpt": "application/octet-stream",
}


class Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet for head and body, at once: else each file waits 40 ms for the browser's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, made: Mapping[str, bytes], peers: Path | None, *args: object) -> None:
        """`made`: contents by path; `peers`: where npm has put the peers."""
        self.made, self.peers = made, peers
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        data = b"<!doctype html>" if path == START else self.made.get(path) or self.file(path)
        if data is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(Path(path).suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def file(self, path: str) -> bytes | None:
        folder = self.peers if path.startswith("/node_modules/") and self.peers else HERE
        file = (folder / path.lstrip("/")).resolve()
        return file.read_bytes() if file.is_relative_to(folder) and file.is_file() else None

    def log_message(self, *_: object) -> None:
        """Silent: the measurements are the output."""
