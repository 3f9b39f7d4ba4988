"""Questions to the profile store, as people ask them: a selector, a range of time, a label to group by."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from profiler import access
from profiler.access import Visitor
from profiler.catalog.django import DjangoCatalog
from profiler.catalog.local import local_store
from profiler.core import wire
from profiler.core.cut import Which
from profiler.core.selector import NAME, SelectorError, parse
from profiler.core.steps import step_for, step_of_profiles
from profiler.errors import InvalidError, NotFoundError, UnavailableError
from profiler.store import errors as store_errors
from profiler.store.answers import MAX_NODES, FunctionSeries, HeatMap, Merged, TimeSeries
from profiler.store.errors import StoreError
from profiler.store.functions import Order
from profiler.store.kinds import TIERS
from profiler.store.listing import Listed
from profiler.store.question import Question

DEFAULT_KIND = "cpu"
COLUMNS = 360
KEPT_MEANWHILE = "Profiles that arrive meanwhile wait in the database, and none is lost"


@dataclass(frozen=True)
class Asked:
    """What came with a request."""

    selector: str
    since: datetime
    until: datetime
    kind: str = DEFAULT_KIND
    by: str = ""

    def question(self) -> Question:
        """Raises InvalidError and SelectorError."""
        if self.by:
            check_label(self.by, "by")
        return Question(parse(self.selector), _ms(self.since), _ms(self.until), self.kind)


def check_label(name: str, field: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidError(f"{field}: {name[:64]!r} is not the name of a label", field)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@contextmanager
def refusals(field: str = "selector") -> Iterator[None]:
    """The store's refusals as the edge knows them."""
    try:
        yield
    except SelectorError as error:
        raise InvalidError(str(error), field, error.position) from None
    except store_errors.UnavailableError as error:
        raise UnavailableError(f"the profile store can't be asked: {error}. {KEPT_MEANWHILE}") from None
    except StoreError as error:
        raise InvalidError(str(error)) from None


@dataclass(frozen=True)
class TreePart:
    """What of a selection: below these frames' names, of whole or cut stacks; `timed`: by samples' own times."""

    path: Sequence[str] = ()
    stacks: Which = "all"
    timed: bool = False


EVERYTHING = TreePart()


def fleet_kinds(user: Visitor) -> list[str]:
    """What profiles in the store are of, the default first. Raises NotFoundError for who may see nothing."""
    access.require_role(user)
    kinds = {subject.kind for subject in DjangoCatalog().subjects().values()}
    return [DEFAULT_KIND, *sorted(kinds - {DEFAULT_KIND})]


def fleet_tree(user: Visitor, asked: Asked, part: TreePart = EVERYTHING) -> tuple[bytes, Merged]:
    """The wire message of the merged samples. Raises InvalidError, NotFoundError for who may see nothing."""
    access.require_role(user)
    with refusals():
        store = local_store()
        merged = (store.merge_timed if part.timed else store.merge)(asked.question(), asked.by or None)
        tree = merged.tree(path=part.path, stacks=part.stacks)
        return wire.encode(tree, {"selection": lacks(merged)}), merged


def lacks(merged: Merged) -> dict[str, Any]:
    """What a page tells of an answer: unreadable segments, and from which steps of time (ms) it was put together."""
    steps = {tier.kind: tier.step_ms for tier in TIERS}
    read = sorted(steps[kind] for kind in merged.damage.tiers)
    return {"missing": len(merged.missing), "rounded_ms": merged.rounded_ms, "steps_ms": read}


def fleet_heatmap(user: Visitor, asked: Asked, rows: int, column_ms: int | None) -> HeatMap:
    """When the samples were taken, in columns of whole seconds, at most about COLUMNS where none are asked for."""
    access.require_role(user)
    with refusals():
        question = asked.question()
        return local_store().heatmap(question, rows, column_ms or _whole_seconds(question, COLUMNS))


def fleet_profiles(user: Visitor, asked: Asked, limit: int) -> tuple[list[Listed], list[str]]:
    """The largest profiles of a selection, and the segments that could not be read."""
    access.require_role(user)
    with refusals():
        return local_store().profiles(asked.question(), limit)


def one_profile(user: Visitor, key: int) -> bytes:
    """The tree of one service's part of a profile."""
    access.require_role(user)
    with refusals():
        found = local_store().profile(key)
    if found is None:
        raise NotFoundError(f"profile {str(key)!r} is not in the profile store")
    return wire.encode(found.tree(MAX_NODES))


def fleet_series(user: Visitor, asked: Asked) -> TimeSeries:
    """Totals over time, in round steps."""
    access.require_role(user)
    with refusals():
        question = asked.question()
        found = local_store().series(question, _step_ms(question), asked.by or None)
        return found.coarser(step_of_profiles(found.step_ms, found.length_ms))


def fleet_functions(user: Visitor, asked: Asked, top: int, order: Order) -> FunctionSeries:
    """The largest functions over time, in the same steps."""
    access.require_role(user)
    with refusals():
        question = asked.question()
        store, step_ms = local_store(), _step_ms(question)
        length_ms = store.series(question, step_ms).length_ms
        return store.functions(question, step_of_profiles(step_ms, length_ms), top, order)


def _step_ms(question: Question) -> int:
    question.check()
    return step_for(question.end_ms - question.begin_ms)


def _whole_seconds(question: Question, steps: int) -> int:
    """Milliseconds of a step, when there are to be about so many."""
    question.check()
    return -(-(question.end_ms - question.begin_ms) // (steps * 1000)) * 1000
