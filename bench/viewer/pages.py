"""A server of the two pages, of our static files and of one tree: nothing that could hide the viewers' own times."""

import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"floor": "/bench/viewer/floor.html?src=/tree.wpt", "ours": "/bench/viewer/ours.html"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wpt": "application/octet-stream"}
ENTRY = ROOT / "static/js/ui/profile-view.js"
IMPORT = re.compile(r'^(?:import|\} from|export).*?"(\.[^"]+)";$', re.MULTILINE)


class Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet for head and body, at once: else each file waits 40 ms for the browser's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, tree: bytes, *args: object) -> None:
        self.tree = tree
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        file = ROOT / path.lstrip("/")
        if path != "/tree.wpt" and not file.is_file():
            self.send_error(404)
            return
        data = self.tree if path == "/tree.wpt" else file.read_bytes()
        if file.name == "ours.html":
            data = data.replace(b"<main>", preloads(ENTRY).encode() + b"<main>")
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(file.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Silent: the measurements are the output."""


def preloads(entry: Path) -> str:
    """A link for each module that `entry` needs, so that the browser asks for all of them at once."""
    needed, todo = {entry}, [entry]
    while todo:
        module = todo.pop()
        found = {(module.parent / name).resolve() for name in IMPORT.findall(module.read_text())} - needed
        needed |= found
        todo += found
    return "".join(f'<link rel="modulepreload" href="/{path.relative_to(ROOT)}">' for path in sorted(needed))
