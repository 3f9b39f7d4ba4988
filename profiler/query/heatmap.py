"""A stored profile's samples over time, for whoever draws them."""

from typing import Any

from profiler.core import heatmap as core
from profiler.core.errors import ProfileError
from profiler.errors import InvalidError
from profiler.models import StoredProfile
from profiler.query.tree import load


def heatmap(stored: StoredProfile, rows: int) -> dict[str, Any]:
    """Columns of a second each, `counts[column][row]`; rows go through the second. Raises InvalidError for `rows`.

    `untimed` samples have no time, and are in no cell; all of them in profiles from before times were kept.
    """
    profile = load(stored)
    try:
        made = core.heatmap(profile, rows)
    except ProfileError as error:
        raise InvalidError(str(error), "rows") from None
    return {
        "start_ns": profile.meta.start_ns,
        "column_ns": made.column_ns,
        "rows": rows,
        "columns": made.counts.shape[1],
        "samples": len(profile.times),
        "untimed": profile.total - len(profile.times),
        "counts": made.counts.T.tolist(),
    }
