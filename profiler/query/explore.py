"""Questions to the profile store, as people ask them: a selector, a range of time, a label to group by."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from profiler import access
from profiler.access import Visitor
from profiler.catalog.local import local_store
from profiler.core import wire
from profiler.core.selector import NAME, SelectorError, parse
from profiler.errors import InvalidError
from profiler.store.errors import StoreError
from profiler.store.question import Question
from profiler.store.store import FunctionSeries, Merged, TimeSeries

DEFAULT_KIND = "cpu"
# As many steps as a picture has columns that one can tell apart.
STEPS = 120


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
        if self.by and not NAME.fullmatch(self.by):
            raise InvalidError(f"by: {self.by[:64]!r} is not the name of a label", "by")
        return Question(parse(self.selector), _ms(self.since), _ms(self.until), self.kind)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@contextmanager
def _refusals() -> Iterator[None]:
    """The store's refusals as the edge knows them."""
    try:
        yield
    except SelectorError as error:
        raise InvalidError(str(error), "selector") from None
    except StoreError as error:
        raise InvalidError(str(error)) from None


def fleet_tree(user: Visitor, asked: Asked) -> tuple[bytes, Merged]:
    """The wire message of the merged samples. Raises InvalidError, NotFoundError for who may see nothing."""
    access.require_role(user)
    with _refusals():
        merged = local_store().merge(asked.question(), asked.by or None)
        return wire.encode(merged.tree()), merged


def fleet_series(user: Visitor, asked: Asked) -> TimeSeries:
    """Totals over time, in about STEPS steps."""
    access.require_role(user)
    with _refusals():
        question = asked.question()
        return local_store().series(question, _step_ms(question), asked.by or None)


def fleet_functions(user: Visitor, asked: Asked, top: int) -> FunctionSeries:
    """The largest functions over time."""
    access.require_role(user)
    with _refusals():
        question = asked.question()
        return local_store().functions(question, _step_ms(question), top)


def _step_ms(question: Question) -> int:
    """Whole seconds."""
    question.check()
    return -(-(question.end_ms - question.begin_ms) // (STEPS * 1000)) * 1000
