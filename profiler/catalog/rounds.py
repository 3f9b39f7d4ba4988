"""What came of the work that workers do again and again: kept for the operations page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from profiler.models import Upkeep

DONE, NOTHING, OVERTAKEN, FAILED = "done", "nothing to do", "overtaken", "failed"
MAX_MESSAGE = 500


@dataclass
class Round:
    """To be filled in while it goes on: `did` in words, empty for nothing to do."""

    did: str = ""
    outcome: str = ""
    problem: str = ""

    def overtaken(self, error: Exception) -> None:
        """Another worker did it at the same time: nothing is wrong."""
        self.outcome, self.problem = OVERTAKEN, str(error)

    def failed(self, error: Exception) -> None:
        self.outcome, self.problem = FAILED, str(error) or repr(error)


@contextmanager
def told(work: str) -> Iterator[Round]:
    """A round of some work. What is raised inside is a failure, and raised on."""
    this, begin = Round(), time.monotonic()
    try:
        yield this
    except Exception as error:
        this.failed(error)
        raise
    finally:
        _keep(work, this, time.monotonic() - begin)


def _keep(work: str, this: Round, took_s: float) -> None:
    now = timezone.now()
    outcome = this.outcome or (DONE if this.did else NOTHING)
    row: dict[str, Any] = {
        "ran_at": now,
        "took_s": took_s,
        "outcome": outcome,
        "message": (this.problem or this.did)[:MAX_MESSAGE],
    }
    if this.did:
        row |= {"worked_at": now, "worked": this.did[:MAX_MESSAGE]}
    if outcome == FAILED:
        row |= {"failed_at": now, "failure": this.problem[:MAX_MESSAGE]}
    Upkeep.objects.update_or_create(work=work, defaults=row)
