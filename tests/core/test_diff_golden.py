"""Two sides as files: `tests/golden/diff/*.wpt` with what Python says of each node. tests/js/diff.test.js reads them.
`WEBPROF_UPDATE_GOLDEN=1 pytest tests/core/test_diff_golden.py` writes them anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from profiler.core.diff import change, compare, function_sides, sums
from profiler.core.diff_wire import encode_pair
from profiler.core.forest import tree_pair
from profiler.core.forest_part import below
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.identity import Hashes
from profiler.core.profile import Profile, ProfileMeta
from tests.core.strategies import build
from tests.core.test_forest import lookup_in, part

FOLDER = Path(__file__).parents[1] / "golden" / "diff"
UPDATE = os.environ.get("WEBPROF_UPDATE_GOLDEN") == "1"
MAIN, LOADS = Frame("main", module="web"), Frame("json.loads", FrameKind.PYTHON)
READ, OLD, NEW = Frame("vfs_read", FrameKind.KERNEL), Frame("old", module="web"), Frame("new", module="web")

BEFORE = build([
    ([MAIN, LOADS], Thread(), 40), ([MAIN, READ], Thread(), 120), ([MAIN, OLD], Thread(), 90), ([MAIN], Thread(), 750),
])  # fmt: skip
AFTER = build([
    ([MAIN, LOADS, LOADS], Thread(), 180), ([MAIN, READ], Thread(), 131), ([MAIN, NEW, READ], Thread(), 160),
    ([MAIN], Thread(), 1529),
])  # fmt: skip
WIDE = build([([MAIN, Frame(f"f{i:02}")], Thread(), 40 - i) for i in range(30)])
BESIDE = build([*(([MAIN, Frame(f"f{i:02}")], Thread(), 40 - i) for i in range(30)), ([READ], Thread(), 500)])
PAIRS: dict[str, tuple[Profile, Profile, int, str]] = {
    "changed": (BEFORE, AFTER, 1000, "samples"),
    "equal": (AFTER, AFTER, 1000, "samples"),
    "cut": (WIDE, AFTER, 8, "samples"),
    "cut-whole": (WIDE, AFTER, 1000, "samples"),
    "beside": (BESIDE, AFTER, 8, "samples"),
    "beside-below": (BESIDE, AFTER, 1000, "samples"),
    "beside-whole": (BESIDE, AFTER, 1000, "samples"),
    "empty-base": (build([]), AFTER, 1000, "samples"),
    "bytes": (BEFORE, AFTER, 1000, "bytes"),
    "cpu-time": (BEFORE, AFTER, 1000, "nanoseconds"),
}
# Of these only what lies below a frame, as somebody who zooms there asks: the sides' sums are of that part.
BELOW = {"beside-below": ("main",)}
# Of the samples of each side, where values are their CPU time: 19 and 99 Hz.
PERIODS = {"nanoseconds": (52_631_579, 10_101_010)}


def made(name: str) -> tuple[bytes, dict[str, Any]]:
    base, other, max_nodes, unit = PAIRS[name]
    periods = PERIODS.get(unit, (0, 0))
    both = compare([part(base).times(periods[0] or 1)], [part(other).times(periods[1] or 1)])
    known = lookup_in([base, other])

    def lookup(numbers: Hashes) -> list[Frame]:
        return [known[number] for number in numbers.tolist()]

    nodes = below(both, BELOW.get(name, ()), lookup)
    metas = (
        ProfileMeta(unit=unit, start_ns=10**9, duration_ns=10**9, period_ns=periods[0]),
        ProfileMeta(unit=unit, start_ns=3 * 10**9, period_ns=periods[1]),
    )
    a, b = tree_pair(nodes, lookup, metas, max_nodes)
    functions = function_sides(nodes, 50)
    found = change(np.stack([a.total, b.total]), sums(nodes), unit, periods)
    says = {
        "names": [a.frames[frame].name for frame in a.frame.tolist()],
        "a": a.total.tolist(),
        "b": b.total.tolist(),
        "absolute": found.absolute.tolist(),
        "absolute_floor": found.absolute_floor.tolist(),
        "relative": found.relative.tolist(),
        "relative_floor": [floor if np.isfinite(floor) else None for floor in found.relative_floor.tolist()],
    }
    return encode_pair(a, b, functions, lookup(functions.frame)), says


@pytest.mark.parametrize("name", PAIRS)
def test_the_message_is_the_golden_file(name: str) -> None:
    message, says = made(name)
    if UPDATE:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.wpt").write_bytes(message)
        (FOLDER / f"{name}.json").write_text(json.dumps(says, separators=(",", ":")) + "\n")
    assert message == (FOLDER / f"{name}.wpt").read_bytes()
    assert says == json.loads((FOLDER / f"{name}.json").read_text())


def test_every_golden_file_has_a_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.wpt")} == set(PAIRS)
