"""Two selections beside each other."""

from collections.abc import Sequence
from dataclasses import replace

from profiler import access
from profiler.access import Visitor
from profiler.catalog.local import local_store
from profiler.core.diff import compare, function_sides
from profiler.core.diff_wire import encode_pair
from profiler.core.forest import Lookup, tree_pair
from profiler.core.forest_part import below
from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.core.report import report
from profiler.errors import InvalidError
from profiler.query.explore import Asked, lacks, refusals
from profiler.store.answers import MAX_NODES, Merged
from profiler.store.dictionary import LOST

# Rows of a table that a person reads; the graph shows the others.
TOP_FUNCTIONS = 200


def fleet_diff(user: Visitor, base: Asked, other: Asked, path: Sequence[str] = ()) -> bytes:
    """The message of both sides (core/diff_wire.py), `path`: of what these frames called, at full detail.

    Raises InvalidError, NotFoundError for who may see nothing.
    """
    access.require_role(user)
    with refusals("base_selector"):
        before = local_store().merge(base.question(), base.by or None)
    with refusals():
        after = local_store().merge(other.question(), other.by or None)
    _check_units(before, after)
    lookup = _either(after.lookup, before.lookup)
    nodes = below(compare(before.parts, after.parts), path, lookup)
    metas = before.meta(after.unit), after.meta(before.unit)
    first, second = tree_pair(nodes, lookup, metas, MAX_NODES)
    functions = function_sides(nodes, TOP_FUNCTIONS)
    facts = {
        "selection": lacks(after),
        "base_selection": lacks(before),
        "base_report": report(before.quality, metas[0]).to_dict() if before.quality else None,
    }
    return encode_pair(first, replace(second, quality=after.quality), functions, lookup(functions.frame), facts)


def _check_units(before: Merged, after: Merged) -> None:
    """A side without profiles has no unit."""
    if before.unit and after.unit and before.unit != after.unit:
        raise InvalidError(f"values in {before.unit} and in {after.unit} can't be compared", "base_selector")


def _either(first: Lookup, second: Lookup) -> Lookup:
    def lookup(numbers: Hashes) -> list[Frame]:
        found = list(first(numbers))
        lost = [place for place, frame in enumerate(found) if frame == LOST]
        for place, frame in zip(lost, second(numbers[lost]) if lost else (), strict=True):
            found[place] = frame
        return found

    return lookup
