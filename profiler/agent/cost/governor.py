"""Keeps a host's overhead budget: measures what the agent takes while it records, and says what must change."""

import logging
import threading
from typing import Protocol

from profiler.agent.cost import own_cost
from profiler.agent.cost.budget import SECOND_NS, WARM_UP_NS, Budget, Interval, Standing, begin, describe_use, step
from profiler.agent.cost.malloc import give_back_memory
from profiler.core.errors import WebprofError
from profiler.core.inventory import OverheadBudget

logger = logging.getLogger(__name__)


# When the budget can't be kept by what never ends: what made it cost so much may be over after the first pause. Each
# further one is twice as long, to the longest, until the budget was kept for that long.
FIRST_PAUSE_S, OVER_BUDGET_S = 60.0, 300.0


class OverBudgetError(WebprofError):
    """The overhead budget ended it. The text says why; `pause_s`: what goes on for ever may begin again after this."""

    def __init__(self, why: str, pause_s: float = OVER_BUDGET_S) -> None:
        super().__init__(why)
        self.pause_s = pause_s


class Thinnable(Protocol):
    """A recording."""

    def thin(self, factor: int) -> None: ...


class Governor:
    """One per agent. `begin`, `check` and `keep` belong to whoever records; `overhead` may be called by any thread."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._standing = Standing()
        self._before = own_cost.read()
        self._bpf_ns = 0
        self._period_ns = 0
        self._note = ""
        self._pause_s = FIRST_PAUSE_S
        self._lock = threading.Lock()

    def begin(self, period_ns: int) -> None:
        """A recording with this time between samples starts now."""
        now = own_cost.read()
        with self._lock:
            before, self._before = self._before, now
            self._standing = begin(self._standing, _interval(before, now, 0), self._budget)
            self._period_ns = period_ns
            self._bpf_ns = 0
            self._note = ""
            own_cost.helpers().crowded = own_cost.helpers().modest = False

    def check(self, bpf_ns: int) -> Standing:
        """About every second; `bpf_ns` is what BPF programs have taken since the recording began, as far as known."""
        now = own_cost.read()
        with self._lock:
            before, self._before = self._before, now
            bpf_before, self._bpf_ns = self._bpf_ns, bpf_ns
            earlier = self._standing
            self._standing = step(earlier, _interval(before, now, bpf_ns - bpf_before), self._budget)
            if self._standing.factor != earlier.factor:
                self._note = self._rate_note()
                logger.warning("%s", self._note)
            over = self._standing.over_memory_ns
            own_cost.helpers().crowded = self._standing.crowded
        if over and not earlier.over_memory_ns:
            give_back_memory()
        return self._standing

    def keep(self, recording: Thinnable, bpf_ns: int) -> bool:
        """`check`, and do what it says to a recording that nobody waits for: whether its rate changes, which it does
        when it is read next. Without CPU time left in the account its helpers get what nobody else wants. Raises
        OverBudgetError when it must end.
        """
        before = self._standing.factor
        standing = self.check(bpf_ns)
        own_cost.helpers().modest = standing.account_ns < 0 and standing.recording_ns >= WARM_UP_NS
        recording.thin(standing.factor)
        if standing.stop:
            raise OverBudgetError(standing.stop, self._next_pause_s(standing))
        return standing.factor != before

    def _next_pause_s(self, standing: Standing) -> float:
        kept_s = standing.recording_ns / SECOND_NS
        pause_s = FIRST_PAUSE_S if kept_s > OVER_BUDGET_S else self._pause_s
        self._pause_s = min(2 * pause_s, OVER_BUDGET_S)
        return pause_s

    @property
    def factor(self) -> int:
        """Every how many periods a sample is taken."""
        return self._standing.factor

    @property
    def note(self) -> str:
        """What people should know of the rate of this recording; empty as long as it was never lowered."""
        return self._note

    def overhead(self) -> OverheadBudget:
        """For the heartbeat."""
        with self._lock:
            standing = self._standing
            return OverheadBudget(
                cpu_percent=None if self._budget.cpu_share is None else 100 * self._budget.cpu_share,
                memory_bytes=self._budget.memory_bytes,
                used_percent=round(100 * standing.used_share, 2),
                factor=standing.factor,
                note=standing.stop or self._note,
            )

    def _rate_note(self) -> str:
        standing = self._standing
        if not self._period_ns:
            return ""  # every event is counted: there is no rate
        hertz = 1e9 / (self._period_ns * standing.factor)
        if standing.factor == 1:
            return f"rate back at {hertz:.3g} Hz, after it had been lowered to keep the agent's limit"
        return f"rate lowered to {hertz:.3g} Hz: {describe_use(standing)}"


def _interval(before: own_cost.Reading, now: own_cost.Reading, bpf_ns: int) -> Interval:
    return Interval(
        elapsed_ns=now.at_ns - before.at_ns,
        own_ns=now.own_ns - before.own_ns,
        helpers_ns=now.helpers_ns - before.helpers_ns,
        bpf_ns=bpf_ns,
        busy_ns=max(0, now.busy_ns - before.busy_ns),
        rss_bytes=now.rss_bytes,
        helpers_bytes=now.helpers_bytes,
    )
