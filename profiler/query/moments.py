"""Parts of a stored profile's time: their tree, how two of them differ, and the heat map they are chosen in."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from profiler.core import wire
from profiler.core.cut import Which
from profiler.core.errors import ProfileError
from profiler.core.flame_chart import encode_chart
from profiler.core.function_times import function_times
from profiler.core.grouping import GroupBy
from profiler.core.heatmap import MAX_CELLS, SECOND_NS, heatmap
from profiler.core.lanes import LANE_BY, LaneBy, lanes
from profiler.core.moments import during, through
from profiler.core.pair import pair_message
from profiler.core.profile import Profile
from profiler.core.prune import prune
from profiler.core.select import told_of_part
from profiler.core.tree import build_tree
from profiler.errors import InvalidError
from profiler.models import StoredProfile
from profiler.query.asked import as_asked
from profiler.query.parts import Parts
from profiler.query.time_range import TimeRange
from profiler.query.tree import MAX_TREE_NODES, load

# A column is this long, or the first of these with which everything fits MAX_COLUMNS: no screen has more.
COLUMN_S = (1, 2, 5, 10, 30, 60, 300, 600, 3600)
MAX_COLUMNS = 600
OFFSET = "offset"
CPU = "cpu"
CHART = "chart"
FUNCTION = "function"


def parts_tree(
    stored: StoredProfile, parts: Parts, group: Sequence[GroupBy], stacks: Which, most: int = MAX_TREE_NODES
) -> bytes:
    """The wire message of the parts, with at most about `most` nodes; of both sides where there is a base.

    Raises InvalidError when these are too large, or a lane is not there.
    """
    profile = load(stored)
    try:
        if not parts.base:
            chosen = during(profile, parts.chosen, stacks)
            part = as_asked(stored, replace(chosen, quality=told_of_part(profile)))
            return wire.encode(prune(build_tree(part, group), most))
        return pair_message(as_asked(stored, profile), parts.base, parts.chosen, group, most)
    except ProfileError as error:
        raise InvalidError(str(error), "at") from None


def moments(stored: StoredProfile, by: str, rows: int, columns: int, name: str) -> dict[str, Any]:
    """`counts[row][column]`: samples over time, of stacks through `name` unless it is empty. Rows are parts of a column
    (`offset`), threads, processes or CPUs. `untimed` samples have no time, and are in no cell. Raises InvalidError."""
    profile = load(stored)
    if by == CPU and not profile.times.has_cpus:
        raise InvalidError("this profile does not say on which CPU its samples were taken", "by")
    last_ns = _last_ns(profile)
    of = through(profile, name) if name else profile
    facts = {
        "by": by,
        "start_ns": profile.meta.start_ns,
        "last_ns": last_ns,
        "samples": len(of.times),
        "all_samples": len(profile.times),
        "untimed": profile.total - len(profile.times),
        "has_cpus": profile.times.has_cpus,
    }
    try:
        return facts | (_offsets(of, rows, last_ns) if by == OFFSET else _lanes(of, by, columns, last_ns))
    except ProfileError as error:
        raise InvalidError(str(error), "rows" if by == OFFSET else "columns") from None


def times_of_functions(stored: StoredProfile, names: Sequence[str], columns: int) -> dict[str, Any]:
    """`counts[name][column]`: samples over time whose stack has a frame of that name. Raises InvalidError."""
    profile = load(stored)
    last_ns = _last_ns(profile)
    try:
        counts = function_times(profile, names, columns, last_ns)
    except ProfileError as error:
        raise InvalidError(str(error), "name") from None
    return {"by": FUNCTION, "last_ns": last_ns, "all_samples": len(profile.times), "counts": counts.tolist()}


def chart(stored: StoredProfile, lane: str, part: TimeRange) -> bytes:
    """The wire message of one thread's stacks in the order of time, of all or a part of it (core/flame_chart.py).

    Raises InvalidError.
    """
    profile = load(stored)
    try:
        return encode_chart(profile, lane, _last_ns(profile), part.from_ns, part.to_ns)
    except ProfileError as error:
        raise InvalidError(str(error), "lane") from None


def _last_ns(profile: Profile) -> int:
    return max(profile.meta.duration_ns - 1, int(profile.times.at_ns[-1]) if len(profile.times) else 0, 0)


def _offsets(profile: Profile, rows: int, last_ns: int) -> dict[str, Any]:
    most = min(MAX_COLUMNS, MAX_CELLS // max(1, rows))
    length = next((s for s in COLUMN_S if last_ns // (s * SECOND_NS) < most), COLUMN_S[-1])
    made = heatmap(profile, rows, length * SECOND_NS)
    return {"column_ns": made.column_ns, "names": [], "others": 0, "counts": made.counts.tolist()}


def _lanes(profile: Profile, by: str, columns: int, last_ns: int) -> dict[str, Any]:
    made = lanes(profile, _asked_lanes(by), columns, last_ns)
    return {"column_ns": made.column_ns, "names": made.names, "others": made.others, "counts": made.counts.tolist()}


def _asked_lanes(by: str) -> LaneBy:
    for known in LANE_BY:
        if by == known:
            return known
    raise InvalidError(f"by: {by[:50]!r} is not one of {', '.join((OFFSET, *LANE_BY))}", "by")
