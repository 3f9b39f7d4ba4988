"""The wire contract as files: `tests/golden/wire/*.wpt` with what each must read as. tests/js/golden.test.js reads
the same ones. `WEBPROF_UPDATE_GOLDEN=1 pytest tests/core/test_wire_golden.py` writes them anew.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.prune import prune
from profiler.core.quality import Quality
from profiler.core.tree import Tree, build_tree
from profiler.core.wire import decode, encode
from tests.core.strategies import build

FOLDER = Path(__file__).parents[1] / "golden" / "wire"
UPDATE = os.environ.get("WEBPROF_UPDATE_GOLDEN") == "1"

KERNEL = FrameKind.KERNEL
PYTHON = FrameKind.PYTHON
NGINX = Thread(812, 813, "nginx")
MAIN = Frame("main", module="nginx", file="nginx.c", line=196)
READ = Frame("vfs_read", KERNEL, "[kernel]")
HOSTILE = ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "🔥" * 3, "x" * 10_000, "", "a;b\\c"]


def _kinds() -> Profile:
    """A native program, Python and kernel, two threads, recursion and a line in a file."""
    load = Frame("json.loads", PYTHON, "", "", 0, "json/__init__.py", 299)
    samples = [
        ([MAIN, READ], NGINX, 5),
        ([MAIN, Frame("ngx_worker", module="nginx"), MAIN, READ], NGINX, 3),
        ([MAIN], NGINX, 1),
        ([load, load, Frame("[unknown]", FrameKind.PLACEHOLDER)], Thread(7, 7, "python3"), 4),
    ]
    meta = ProfileMeta(id="0198", host="web-1", probe="cpu", start_ns=1, duration_ns=2 * 10**9, period_ns=10_101_010)
    quality = Quality(
        15,
        lost={"ring full": 2},
        outcomes={"end": 12, "cut": 1},
        unknown={"libc.so.6": 4},
        runtimes={"python: whole": 4},
        hints={"start it with --x": 3},
    )
    return replace(build(samples, meta), quality=quality)


def _hostile() -> Profile:
    return build([([Frame(name), Frame(name, PYTHON)], Thread(), i + 1) for i, name in enumerate(HOSTILE)])


def _siblings() -> Profile:
    return build([([MAIN, Frame(f"f{i:02}")], Thread(), 40 - i) for i in range(20)])


TREES: dict[str, Tree] = {
    "kinds": build_tree(_kinds()),
    "ungrouped": build_tree(_kinds(), group=()),
    "hostile-names": build_tree(_hostile()),
    "empty": build_tree(build([])),
    "one-frame": build_tree(build([([MAIN], Thread(), 1)])),
    "huge-values": build_tree(build([([MAIN], Thread(), 2**53 - 2), ([READ], Thread(), 1)])),
    "cut": prune(build_tree(_siblings()), 8),
    "deep": build_tree(build([([Frame(f"level{i % 7}") for i in range(500)], Thread(), 2)])),
}


def _readable(tree: Tree) -> dict[str, Any]:
    frames = [tree.frames[i] for i in tree.frame.tolist()]
    cuts = (tree.cuts.node, tree.cuts.value, tree.cuts.count)
    return {
        "depth": tree.depth.tolist(),
        "name": [f.name for f in frames],
        "kind": [int(f.kind) for f in frames],
        "module": [f.module for f in frames],
        "file": [f.file for f in frames],
        "line": [f.line for f in frames],
        "self": tree.self_value.tolist(),
        "total": tree.total.tolist(),
        "end": [i + size for i, size in enumerate(tree.size.tolist())],
        "cuts": [list(cut) for cut in zip(*(c.tolist() for c in cuts), strict=True)],
        "unit": tree.meta.unit,
        "quality": tree.quality and tree.quality.to_dict(),
    }


@pytest.mark.parametrize("name", TREES)
def test_the_message_is_the_golden_file(name: str) -> None:
    message, expected = FOLDER / f"{name}.wpt", FOLDER / f"{name}.json"
    if UPDATE:
        FOLDER.mkdir(parents=True, exist_ok=True)
        message.write_bytes(encode(TREES[name]))
        expected.write_text(json.dumps(_readable(TREES[name]), ensure_ascii=True, separators=(",", ":")) + "\n")
    assert encode(TREES[name]) == message.read_bytes(), f"{name}: the wire form changed; see this file's first lines"
    assert _readable(decode(message.read_bytes())) == json.loads(expected.read_text())


def test_every_golden_file_has_a_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.wpt")} == set(TREES)
