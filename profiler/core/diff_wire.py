"""Two trees of the same nodes as one message: the tree message of the other side, with the base's values added.

A reader that knows nothing of sides draws the other side. `static/js/core/diff.js` reads both; they share golden files.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from profiler.core.diff import FunctionSides
from profiler.core.frame import Frame, FrameKind
from profiler.core.tree import Tree
from profiler.core.wire import encode

# Names that a grouping put above the stacks are no functions.
NO_FUNCTION = (FrameKind.PROCESS, FrameKind.ROOT)


def encode_pair(
    base: Tree, other: Tree, functions: FunctionSides, frames: Sequence[Frame], more: Mapping[str, Any] | None = None
) -> bytes:
    """Of `forest.tree_pair`'s trees. `frames` are those of `functions`, in their order. Raises WireError."""
    header = {
        "base": {
            "total": int(base.total[0]),
            "start_ns": base.meta.start_ns,
            "duration_ns": base.meta.duration_ns,
            "period_ns": base.meta.period_ns,
        },
        "functions": _functions(functions, frames),
        "functions_left_out": functions.left_out,
        **(more or {}),
    }
    large = int(base.self_value.max(initial=0)) >= 2**32
    sections = {"base_self": base.self_value.astype("<f8" if large else "<u4")}
    if len(base.cuts.node):
        sections["base_cut_value"] = base.cuts.value.astype("<f8")
    return encode(other, header, sections)


def _functions(functions: FunctionSides, frames: Sequence[Frame]) -> list[dict[str, Any]]:
    rows = zip(frames, np.stack([functions.own, functions.total]).transpose(2, 0, 1).tolist(), strict=True)
    return [
        {"name": frame.name, "module": frame.module, "kind": int(frame.kind), "self": own, "total": total}
        for frame, (own, total) in rows
        if frame.kind not in NO_FUNCTION
    ]
