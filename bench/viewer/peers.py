"""Viewers that others made and npm carries: what they take to open the same profile, and hold then."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, Page

from bench.viewer.memory import memory
from bench.viewer.profiles import cache_directory
from bench.viewer.timings import Numbers, settled, turn_freely
from profiler.core.tree import Tree

PACKAGES = ["speedscope@1.25.0", "d3-flame-graph@4.1.3", "d3@7.9.0"]
#: After this long a peer is said not to open the profile.
CAP_MS = 120_000


def installed() -> Path:
    """The directory that has them, in the user's cache. Raises SystemExit that says what to do without npm."""
    if shutil.which("npm") is None:
        raise SystemExit("the peers come with npm: install it (apt-get install npm), or leave them out with --no-peers")
    directory = cache_directory() / "peers"
    directory.mkdir(exist_ok=True)
    if not all((directory / "node_modules" / name.rsplit("@", 1)[0]).exists() for name in PACKAGES):
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *PACKAGES], cwd=directory, check=True
        )
    return directory


def profiles(tree: Tree) -> dict[str, bytes]:
    """The tree in the peers' own forms."""
    return {"/profile.speedscope.json": _speedscope(tree), "/profile.d3.json": _d3(tree)}


def _speedscope(tree: Tree) -> bytes:
    frames = [{"name": frame.name} for frame in tree.frames]
    samples, weights, stack = [], [], [0] * (int(tree.depth.max()) + 1)
    for depth, frame, own in zip(tree.depth.tolist(), tree.frame.tolist(), tree.self_value.tolist(), strict=True):
        stack[depth] = frame
        if own:
            samples.append(stack[1 : depth + 1])
            weights.append(own)
    one = {"type": "sampled", "name": "sample", "unit": "none", "startValue": 0, "endValue": int(tree.total[0])}
    return json.dumps(
        {
            "$schema": "https://www.speedscope.app/file-format-schema.json",
            "shared": {"frames": frames},
            "profiles": [one | {"samples": samples, "weights": weights}],
        }
    ).encode()


def _d3(tree: Tree) -> bytes:
    parts: list[str] = []
    last = -1
    columns = zip(tree.depth.tolist(), tree.frame.tolist(), tree.total.tolist(), strict=True)
    for depth, frame, total in columns:
        if depth <= last:
            parts.append("]}" * (last - depth + 1) + ",")
        parts.append(f'{{"name":{json.dumps(tree.frames[frame].name)},"value":{total},"children":[')
        last = depth
    parts.append("]}" * (last + 1))
    return "".join(parts).encode()


def _opened(page: Page, url: str, ready: str) -> Numbers:
    try:
        page.goto(url, timeout=CAP_MS)
        page.wait_for_function(ready, timeout=CAP_MS)
        return {"open ms": settled(page, CAP_MS)["last"]} | memory(page)
    except Error as error:
        print(f"({url.rpartition('/')[2]} did not open: {error.message.splitlines()[0]}) ", end="", flush=True)
        return {"open ms": float(CAP_MS)}


def speedscope(page: Page, base: str) -> Numbers:
    page_url = f"{base}/node_modules/speedscope/dist/release/index.html"
    return _opened(page, f"{page_url}#profileURL={base}/profile.speedscope.json", "() => __probe.draws > 0")


def speedscope_wheel(page: Page, base: str) -> Numbers:
    """Its wheel zooms, three times as fast as the others', with this key: it does the same movement nearer."""
    opened = speedscope(page, base)["open ms"] < CAP_MS
    return turn_freely(page, {"metaKey": True}) if opened else {}


def d3(page: Page, base: str) -> Numbers:
    return _opened(page, f"{base}/d3.html", "() => window.__drawn")


PEERS: dict[str, Callable[..., Numbers]] = {"speedscope": speedscope, "d3": d3}
#: Measured as ours is, in a browser that waits for no display. d3-flame-graph does not zoom by the wheel.
WHEELS: dict[str, Callable[..., Numbers]] = {"speedscope": speedscope_wheel}
