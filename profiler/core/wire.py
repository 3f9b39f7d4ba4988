"""The tree as one binary message for the browser, as docs/architecture.md has it; `static/js/core/wire.js` reads it.

The two readers share golden files (tests/golden/wire), so that the contract can't drift.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import WireError
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.quality import Quality
from profiler.core.report import report
from profiler.core.sections import Columns, pack, unpack
from profiler.core.tree import Cuts, Tree

MAGIC = b"WPT1"
SCHEMA = 1
MAX_DEPTH = 2**16 - 1  # the depth column is u16


def encode(tree: Tree, more: Mapping[str, Any] | None = None, sections: Columns | None = None) -> bytes:
    """The message. Only frames that the tree uses are sent. Raises WireError when a stack is too deep.

    `more` goes into the header, `sections` behind the tree's own: readers leave alone what they don't know.
    """
    deepest = int(tree.depth.max(initial=0))
    if deepest > MAX_DEPTH:
        raise WireError(f"tree of profile {tree.meta.id}: depth {deepest} is over {MAX_DEPTH}")
    used, frame = np.unique(tree.frame, return_inverse=True)
    frames = [tree.frames[i] for i in used.tolist()]
    strings: dict[str, int] = {}
    columns = _node_columns(tree, frame) | _frame_columns(frames, strings) | dict(sections or {})
    header = {
        "schema": SCHEMA,
        "kind": tree.meta.kind,
        "unit": tree.meta.unit,
        "period_ns": tree.meta.period_ns,
        "total": int(tree.total[0]),
        "nodes": len(tree),
        "max_depth": deepest,
        "meta": {
            "id": tree.meta.id,
            "host": tree.meta.host,
            "probe": tree.meta.probe,
            "start_ns": tree.meta.start_ns,
            "duration_ns": tree.meta.duration_ns,
            "labels": dict(tree.meta.labels),
        },
        "quality": tree.quality and tree.quality.to_dict(),
        "report": tree.quality and report(tree.quality, tree.meta).to_dict(),
        "strings": list(strings),
        **(more or {}),
    }
    return pack(MAGIC, header, columns)


def decode(message: bytes) -> Tree:
    """The inverse of `encode`. Raises WireError."""
    header, columns = _unpack(message)
    strings = header["strings"]
    frame_rows = zip(*(columns[f"frame_{c}"].tolist() for c in ("name", "kind", "module", "file", "line")), strict=True)
    frames = [
        Frame(strings[name], FrameKind(kind), strings[module], "", 0, strings[file], line)
        for name, kind, module, file, line in frame_rows
    ]
    depth = columns["depth"].astype(np.int64)
    own = columns["self"].astype(np.int64)
    cuts = Cuts(*(columns[c].astype(np.int64) for c in ("cut_node", "cut_value", "cut_count")))
    hidden = np.zeros(len(own), dtype=np.int64)
    np.add.at(hidden, cuts.node, cuts.value)
    size = _sizes(depth)
    running = np.r_[0, np.cumsum(own + hidden)]
    total = running[np.arange(len(own)) + size] - running[:-1]
    meta = ProfileMeta(kind=header["kind"], unit=header["unit"], period_ns=header["period_ns"], **header["meta"])
    frame = columns["frame"].astype(np.int64)
    quality = header["quality"] and Quality.from_dict(header["quality"])
    return Tree(meta, frames, depth, frame, own, total, size, cuts, quality)


def header(message: bytes) -> dict[str, Any]:
    """What a message says of itself. Raises WireError."""
    found, _ = _unpack(message)
    return found


def _node_columns(tree: Tree, frame: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[Any]]:
    small = int(tree.self_value.max(initial=0)) < 2**32 and int(tree.self_value.min(initial=0)) >= 0
    columns = {
        "depth": tree.depth.astype("<u2"),
        "frame": frame.astype("<u4"),
        "self": tree.self_value.astype("<u4" if small else "<f8"),
    }
    if len(tree.cuts.node):
        columns["cut_node"] = tree.cuts.node.astype("<u4")
        columns["cut_value"] = tree.cuts.value.astype("<f8")
        columns["cut_count"] = tree.cuts.count.astype("<u4")
    return columns


def _frame_columns(frames: list[Frame], strings: dict[str, int]) -> dict[str, npt.NDArray[Any]]:
    def texts(values: list[str]) -> npt.NDArray[Any]:
        return np.array([strings.setdefault(value, len(strings)) for value in values], dtype="<u4")

    return {
        "frame_name": texts([f.name for f in frames]),
        "frame_module": texts([f.module for f in frames]),
        "frame_file": texts([f.file for f in frames]),
        "frame_kind": np.array([f.kind for f in frames], dtype="<u1"),
        "frame_line": np.array([f.line for f in frames], dtype="<u4"),
    }


def _unpack(message: bytes) -> tuple[dict[str, Any], Columns]:
    header, columns = unpack(MAGIC, SCHEMA, message)
    none = {name: np.zeros(0, dtype=np.int64) for name in ("cut_node", "cut_value", "cut_count")}
    return header, none | columns


def _sizes(depth: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Nodes of each subtree: up to the next node that is not deeper."""
    size = np.empty(len(depth), dtype=np.int64)
    open_nodes: list[int] = []
    for i, level in enumerate(depth.tolist()):
        while len(open_nodes) > level:
            node = open_nodes.pop()
            size[node] = i - node
        open_nodes.append(i)
    for node in open_nodes:
        size[node] = len(depth) - node
    return size
