"""Labels, their values, and where there is data: what the explore page suggests."""

from collections.abc import Sequence
from typing import NamedTuple

from profiler import access
from profiler.access import Visitor
from profiler.catalog.local import local_store
from profiler.query.explore import Asked, check_label, refusals
from profiler.store.labels import Extent, Label, LabelValue, extent, label_values, labels


class Suggested(NamedTuple):
    """`more`: how many others there are beyond the limit."""

    found: Sequence[LabelValue]
    more: int


def fleet_labels(user: Visitor, asked: Asked) -> Sequence[Label]:
    """Raises InvalidError, NotFoundError for who may see nothing; so do the others."""
    access.require_role(user)
    with refusals():
        return labels(local_store(), asked.question())


def fleet_values(user: Visitor, asked: Asked, label: str, prefix: str, limit: int) -> Suggested:
    """Values that begin with the prefix, then those that hold it elsewhere; case does not matter."""
    access.require_role(user)
    check_label(label, "label")
    wanted = prefix.casefold()
    with refusals():
        every = label_values(local_store(), asked.question(), label)
    fitting = [one for one in every if wanted in one.value.casefold()]
    fitting.sort(key=lambda one: not one.value.casefold().startswith(wanted))
    return Suggested(fitting[:limit], max(0, len(fitting) - limit))


def fleet_extent(user: Visitor, asked: Asked) -> Extent | None:
    access.require_role(user)
    with refusals():
        return extent(local_store(), asked.question())
