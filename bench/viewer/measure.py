"""Our flame graph beside the floor page, in the same Chromium, on the same tree: opening, zoom, search, wheel, hover.

    python bench/viewer/measure.py [--repeats 5] [--chromium /usr/bin/chromium]

Prints medians and the ratio to the floor. "Shown" is the start of the frame after the one that drew: ±17 ms. Both
viewers run in turns, so that a busy machine hurts both; read ratios, not absolutes.
"""

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.viewer.sample_tree import message  # noqa: E402 - the checkout need not be installed

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = {"floor": "/bench/viewer/floor.html?src=/tree.wpt", "ours": "/bench/viewer/ours.html"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wpt": "application/octet-stream"}
ENTRY = ROOT / "static/js/ui/profile-view.js"
IMPORT = re.compile(r'^(?:import|\} from|export).*?"(\.[^"]+)";$', re.MULTILINE)
TERM = "serialize"
WHEEL_S = 2.0
HOVER_S = 2.0
QUIET_MS = 300
Numbers = dict[str, float]


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


@contextmanager
def serving(tree: bytes) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, tree))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def measure(page: Page, url: str, target: list[str]) -> Numbers:
    page.goto(url)
    page.evaluate("() => __flame.ready")
    numbers: Numbers = {"open ms": settled(page)["last"]}
    rect = page.evaluate("path => __flame.rectOf(path)", target)
    x, y = rect["x"] + min(40, rect["width"] / 3), rect["y"] + rect["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(150)
    page.evaluate("() => __probe.clear()")
    page.mouse.click(x, y)
    numbers |= since(page, "click", "zoom ms")
    page.evaluate("() => __flame.reset()")
    settled(page)
    numbers["search ms, worst key"] = search(page)
    page.evaluate("() => __flame.search('')")
    settled(page)
    return numbers | wheel(page) | hover(page)


def settled(page: Page) -> Numbers:
    result: Numbers = page.evaluate(f"() => __probe.settled({QUIET_MS})")
    return result


def since(page: Page, event: str, name: str) -> Numbers:
    shown = settled(page)
    began = page.evaluate(f"() => __probe.events.{event}")
    return {name: shown["first"] - began, f"{name}, settled": shown["last"] - began}


def search(page: Page) -> float:
    page.click(page.evaluate("() => __flame.searchInput"))
    worst = 0.0
    for key in TERM:
        page.evaluate("() => __probe.clear()")
        page.keyboard.press(key)
        worst = max(worst, since(page, "keydown", "key")["key"])
    return worst


def wheel(page: Page) -> Numbers:
    page.mouse.move(500, 350)
    page.evaluate("() => __probe.clear()")
    steps, began = 0, time.monotonic()
    while time.monotonic() - began < WHEEL_S:
        page.mouse.wheel(0, -60 if steps // 15 % 2 == 0 else 60)
        steps += 1
    frames = page.evaluate("() => __probe.shown")
    gaps = [b - a for a, b in pairwise(frames)]
    return {"wheel frames/s": len(frames) / (time.monotonic() - began), "wheel worst gap ms": max(gaps, default=0.0)}


def hover(page: Page) -> Numbers:
    page.evaluate("() => __probe.clear()")
    began, i = time.monotonic(), 0
    while time.monotonic() - began < HOVER_S:
        page.mouse.move(60 + i * 37 % 1300, 200 + i * 13 % 400)
        i += 1
    return {"hover long tasks": len(page.evaluate("() => __probe.longTasks"))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    tree, target = message()
    runs: dict[str, list[Numbers]] = {name: [] for name in PAGES}
    probe = Path(__file__).with_name("probe.js").read_text()
    with serving(tree) as base, sync_playwright() as playwright:
        for _ in range(options.repeats):
            for name, path in PAGES.items():
                browser = playwright.chromium.launch(executable_path=options.chromium, args=ARGS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.add_init_script(probe)
                runs[name].append(measure(page, base + path, target))
                browser.close()
    report(runs, len(tree))


def report(runs: dict[str, list[Numbers]], size: int) -> None:
    print(f"message {size:,} bytes, {len(runs['ours'])} runs each, load average {os.getloadavg()[0]:.1f}")
    print(f"{'':24}{'floor':>10}{'ours':>10}{'ours ÷ floor':>14}")
    for key in runs["floor"][0]:
        floor, ours = (statistics.median(run[key] for run in runs[name]) for name in ("floor", "ours"))
        ratio = f"{ours / floor:.2f}" if floor else "–"
        print(f"{key:24}{floor:10.1f}{ours:10.1f}{ratio:>14}")


if __name__ == "__main__":
    main()
