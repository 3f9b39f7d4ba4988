"""Two parts of one profile's time beside each other, as one tree with the values of both."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from profiler.core.diff import function_sides
from profiler.core.diff_wire import encode_pair
from profiler.core.errors import ProfileError
from profiler.core.forest import Nodes
from profiler.core.grouping import GroupBy
from profiler.core.moments import Span, counted
from profiler.core.profile import Int64s, Profile
from profiler.core.report import report
from profiler.core.select import told_of_part
from profiler.core.tree import Tree, build_tree

# Rows of a table that a person reads; the graph shows the others.
TOP_FUNCTIONS = 200


def pair_message(
    profile: Profile, base: Sequence[Span], other: Sequence[Span], group: Sequence[GroupBy], max_nodes: int
) -> bytes:
    """The message (core/diff_wire.py) of what was sampled in `base` (A) and in `other` (B); a sample may be in both.

    Raises ProfileError when both together have more than `max_nodes` nodes.
    """
    values = [counted(profile, spans) for spans in (base, other)]
    rows = np.flatnonzero(values[0] + values[1])
    # The same rows on both sides, some of them worth nothing: so both trees have the same nodes.
    sides = [build_tree(_valued(profile, rows, value), group) for value in values]
    if len(sides[0]) > max_nodes:
        raise ProfileError(
            f"{len(sides[0]):,} different places in these parts, more than {max_nodes:,}: choose shorter ones"
        )
    functions = function_sides(_nodes(*sides), TOP_FUNCTIONS)
    # Losses are known of the recording, not of its parts: both sides share its report.
    quality = told_of_part(profile)
    more = {"base_report": report(quality, profile.meta).to_dict()}
    frames = [sides[0].frames[int(number)] for number in functions.frame]
    return encode_pair(sides[0], replace(sides[1], quality=quality), functions, frames, more)


def _valued(profile: Profile, rows: Int64s, value: Int64s) -> Profile:
    return replace(profile, node=profile.node[rows], thread=profile.thread[rows], value=value[rows])


def _nodes(base: Tree, other: Tree) -> Nodes:
    """Both as nodes of frames that are numbered as in their list."""
    parent = np.full(len(base), -1, dtype=np.int64)
    open_at = np.zeros(int(base.depth.max(initial=0)) + 1, dtype=np.int64)
    for node, depth in enumerate(base.depth.tolist()):
        open_at[depth] = node
        if depth:
            parent[node] = open_at[depth - 1]
    own, total = np.stack([base.self_value, other.self_value]), np.stack([base.total, other.total])
    return Nodes(parent, base.frame.astype(np.uint64), own, total, base.size)
