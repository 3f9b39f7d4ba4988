"""The smallest site that shows the viewer: its static files, one page, and trees made by profiler.core."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np

from profiler.core.cut import Which, cut_frame, only
from profiler.core.errors import ProfileError
from profiler.core.flame_chart import encode_chart
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.function_times import function_times
from profiler.core.heatmap import heatmap
from profiler.core.lanes import LANE_BY, lanes
from profiler.core.moments import during, through
from profiler.core.overview import encode_overview
from profiler.core.pair import pair_message
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import ModuleFacts, Quality
from profiler.core.times import Times
from profiler.core.tree import build_tree
from profiler.core.wire import encode
from profiler.query.parts import asked_parts
from profiler.query.time_range import asked_range
from tests.core.strategies import build
from tests.e2e.chromium import serving
from tests.e2e.odd_profiles import HOSTILE, ODD, million, million_sides, most_and_nothing

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "golden"
PAGE = Path(__file__).with_name("viewer.html")
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}

WIDE = 40_000
MOST_PLACES = 30_000

WEB = Thread(812, 813, "web", f"/docker/{'fedcba9876543210' * 4}/web.service")
MAIN, READ, PARSE = Frame("main", module="web"), Frame("vfs_read", FrameKind.KERNEL), Frame("parse", module="web")


def web_profile(scale: int = 1) -> Profile:
    samples = [([MAIN, READ], WEB, 60 * scale), ([MAIN, PARSE, PARSE], WEB, 30 * scale), ([MAIN], WEB, 10 * scale)]
    return build(samples, ProfileMeta(duration_ns=10**9, period_ns=10_101_010))


def cut_profile() -> Profile:
    """Most stacks are whole; some begin in the middle."""
    cut = ([cut_frame("file not parsed yet"), PARSE], WEB, 10)
    return build(
        [([MAIN, READ], WEB, 60), ([MAIN], WEB, 22), cut], ProfileMeta(duration_ns=10**9, period_ns=10_101_010)
    )


def message(profile: Profile, **options: tuple[str, ...]) -> bytes:
    return encode(build_tree(profile, **options))  # type: ignore[arg-type]


def lossy(which: Which = "all") -> bytes:
    """A lost sample in twelve, some cut stacks, a module without names."""
    outcomes = {"end": 82, "file not parsed yet": 9, "code without unwind table": 1}
    modules = (ModuleFacts("libx.so", "ab12", "libx1", "dpkg"),)
    quality = Quality(100, {"ring full": 8}, outcomes, {"libx.so": 2}, bpf_ns=10**6, modules=modules)
    tree = build_tree(only(cut_profile(), which))
    return encode(type(tree)(**(vars(tree) | {"quality": quality})))


@cache
def wide(detail: str) -> bytes:
    """So many functions under one caller that the page asks a worker about them, and has but few of them at first."""
    rare = [([MAIN, Frame(f"f{i}")], Thread(), 1 + i % 7) for i in range(WIDE)]
    often = [([MAIN, Frame(f"often_{i}")], Thread(), 10_000) for i in range(5)]
    tree = build_tree(build([*rare, *often, ([MAIN, Frame("often_0"), Frame("deep")], Thread(), 3)]))
    return encode_overview(tree) if detail == "overview" else encode(tree)


def timed_profile() -> Profile:
    """Two seconds: `main;parse` in the first, `main;vfs_read` in the second, ten of each in a row."""
    ms = 1_000_000
    made = build(
        [([MAIN, PARSE], WEB, 10), ([MAIN, READ], WEB, 10)], ProfileMeta(duration_ns=2 * 10**9, period_ns=10**7)
    )
    at = np.array([*range(0, 200, 20), *range(1000, 1200, 20)], dtype=np.int64) * ms
    return replace(made, times=Times.sorted(at, np.repeat([0, 1], 10), np.tile([0, 0, 0, 1, 3], 4)))


def crowded_profile(threads: int = 12) -> Profile:
    """Threads of one process that all run `main`, the first one longest."""
    workers = [Thread(9, 100 + i, "worker") for i in range(threads)]
    counts = np.arange(threads, 0, -1)
    made = build(
        [([MAIN], thread, int(count)) for thread, count in zip(workers, counts, strict=True)],
        ProfileMeta(duration_ns=10**9),
    )
    at = np.concatenate([np.arange(count) for count in counts]).astype(np.int64) * 10_000_000
    return replace(made, times=Times.sorted(at, np.repeat(np.arange(threads), counts)))


def timed_answer(profile: Profile, path: str, asked: dict[str, list[str]]) -> bytes:
    """What the server says of two seconds or more: profiler/query/moments.py without a database."""
    last_ns = max(2 * 10**9, profile.meta.duration_ns) - 1
    if path.startswith("/moments") and asked["by"] == ["chart"]:
        part = asked_range(*(asked.get(edge, [None])[0] for edge in ("from", "to")))
        return encode_chart(profile, asked["lane"][0], last_ns, part.from_ns, part.to_ns)
    if path.startswith("/moments") and asked["by"] == ["function"]:
        counts = function_times(profile, asked["name"], int(asked["columns"][0]), last_ns)
        return json.dumps({"last_ns": last_ns, "all_samples": len(profile.times), "counts": counts.tolist()}).encode()
    if path.startswith("/moments"):
        of = through(profile, asked["name"][0]) if "name" in asked else profile
        by = asked["by"][0]
        facts = {
            "by": by,
            "last_ns": last_ns,
            "samples": len(of.times),
            "all_samples": len(profile.times),
            "untimed": 0,
        }
        facts["has_cpus"] = profile.times.has_cpus
        if by == "offset":
            made = heatmap(of, 20)
            return json.dumps(
                facts | {"column_ns": 10**9, "names": [], "others": 0, "counts": made.counts.tolist()}
            ).encode()
        lanes_by = next(known for known in LANE_BY if known == by)
        rows = lanes(of, lanes_by, min(10, int(asked["columns"][0])), last_ns)
        return json.dumps(
            facts | {"column_ns": rows.column_ns, "names": rows.names, "others": 0, "counts": rows.counts.tolist()}
        ).encode()
    parts = asked_parts(asked.get("at", []), asked.get("base", []))
    if parts is None:
        return message(profile)
    if parts.base:
        return pair_message(profile, parts.base, parts.chosen, ("comm",), MOST_PLACES)
    return message(during(profile, parts.chosen))


PROFILES = {**ODD, "crowded": crowded_profile}
TREES = {
    "empty": message(build([])),
    "one": message(build([([MAIN], Thread(), 1)])),
    "deep": message(build([([Frame(f"f{i % 7}") for i in range(10_000)], Thread(), 5)])),
    "source": message(build([([Frame("loads", FrameKind.PYTHON, file="/srv/app/a b.py", line=7)], WEB, 3)])),
    "hostile": message(build([([Frame(name), Frame(name)], Thread(), 10) for name in HOSTILE])),
    "changed": (GOLDEN / "diff" / "changed.wpt").read_bytes(),
    "most-and-nothing": most_and_nothing(),
    "cut-short": message(web_profile())[:-100],
    "future": message(web_profile()).replace(b'"schema":1', b'"schema":9'),
}
LARGE = {"/trees/wide": wide, "/trees/million": million, "/trees/million-sides": million_sides}


class Site(BaseHTTPRequestHandler):
    """`requests` lists what was asked for, query included."""

    def __init__(self, requests: list[str], *args: object) -> None:
        self.requests = requests
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.requests.append(self.path)
        try:
            data = self.content(urlsplit(self.path).path)
            self.send_response(200 if data is not None else 404)
        except ProfileError as error:
            data = json.dumps({"error": {"message": str(error)}}).encode()
            self.send_response(422)
        self.send_header("Content-Type", TYPES.get(Path(urlsplit(self.path).path).suffix, "text/html; charset=utf-8"))
        if self.path.startswith("/static/"):  # as the real server: a browser keeps scripts, and what it compiled
            self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def content(self, path: str) -> bytes | None:
        if path == "/trees/web":
            group = parse_qs(urlsplit(self.path).query, keep_blank_values=True).get("group", ["comm"])[0]
            return message(web_profile(), group=tuple(part for part in group.split(",") if part))
        if path == "/trees/lossy":
            which = parse_qs(urlsplit(self.path).query).get("stacks", ["all"])[0]
            return lossy("whole" if which == "whole" else "all")
        if path in ("/trees/timed", "/moments") or path.startswith(("/trees/odd-", "/moments/odd-")):
            profile = PROFILES.get(path.rpartition("-")[2], timed_profile)()
            return timed_answer(profile, path, parse_qs(urlsplit(self.path).query, keep_blank_values=True))
        if path == "/trees/beside":
            name = "beside-below" if parse_qs(urlsplit(self.path).query).get("below") == ["main"] else "beside"
            return (GOLDEN / "diff" / f"{name}.wpt").read_bytes()
        if path in LARGE:
            return LARGE[path](parse_qs(urlsplit(self.path).query).get("detail", ["all"])[0])
        if path.startswith("/trees/"):
            return TREES.get(path.removeprefix("/trees/"))
        file = PAGE if path == "/" else ROOT / path.lstrip("/")
        return file.read_bytes() if file.is_file() else None

    def log_message(self, *_: object) -> None:
        """Silent: a failing test says enough."""


@contextmanager
def site() -> Iterator[tuple[str, list[str]]]:
    """Address and the list of requests so far."""
    requests: list[str] = []
    with serving(partial(Site, requests)) as address:
        yield address, requests
