"""The governor measures this very process: with a tiny limit it acts, with none it doesn't."""

import time
from dataclasses import replace

import pytest

from profiler.agent.cost import budget as rules
from profiler.agent.cost import own_cost
from profiler.agent.cost.budget import SECOND_NS, WARM_UP_NS, Budget, Standing
from profiler.agent.cost.governor import Governor, OverBudgetError
from profiler.core import inventory

PERIOD_NS = 10_101_010


def _busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_limit_that_this_process_breaks_lowers_the_rate_and_says_so() -> None:
    governor = Governor(Budget(cpu_share=0.0001, memory_bytes=None))
    governor._standing = Standing(account_ns=0)
    governor.begin(PERIOD_NS)
    deadline = time.monotonic() + 20
    while not governor.note and time.monotonic() < deadline:
        _busy(0.2)
        governor.check(0)
    assert governor.note.startswith("rate lowered to 49.5 Hz: the agent used ")
    told = governor.overhead()
    assert (told.factor, told.note) == (2, governor.note)
    assert told.used_percent > 1
    governor.begin(PERIOD_NS)
    assert (governor.note, governor.overhead().factor) == ("", 1)


def test_memory_over_the_limit_is_told_in_the_heartbeat() -> None:
    governor = Governor(Budget(cpu_share=None, memory_bytes=1))
    governor.begin(PERIOD_NS)
    deadline = time.monotonic() + 4 * rules.MEMORY_PATIENCE_NS / 1e9
    while not governor.check(0).stop and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "MiB of memory, its limit is 0 MiB" in governor.overhead().note


class _Recorded:
    def thin(self, factor: int) -> None: ...


def test_pauses_grow_as_long_as_the_budget_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    governor = Governor(Budget(cpu_share=None, memory_bytes=1))
    monkeypatch.setattr(rules, "MEMORY_PATIENCE_NS", 0)
    pauses = []
    for _ in range(5):
        governor.begin(PERIOD_NS)
        with pytest.raises(OverBudgetError) as ended:
            governor.keep(_Recorded(), 0)
        pauses.append(ended.value.pause_s)
    assert pauses == [60, 120, 240, 300, 300]
    governor.begin(PERIOD_NS)
    governor._standing = Standing(recording_ns=301 * SECOND_NS)  # it was kept for longer than any pause
    with pytest.raises(OverBudgetError) as ended:
        governor.keep(_Recorded(), 0)
    assert ended.value.pause_s == 60


def test_without_cpu_time_left_helpers_take_what_nobody_else_wants() -> None:
    governor = Governor(Budget(cpu_share=0.0001, memory_bytes=None))
    governor._standing = Standing(account_ns=0)
    governor.begin(PERIOD_NS)
    _busy(0.2)
    governor.keep(_Recorded(), 0)
    assert not own_cost.helpers().modest, "what is learned at the start is free"
    governor._standing = replace(governor._standing, recording_ns=WARM_UP_NS)
    governor.check(0)
    assert not own_cost.helpers().modest, "somebody waits for this recording"
    governor.keep(_Recorded(), 0)
    assert own_cost.helpers().modest
    governor.begin(PERIOD_NS)
    assert not own_cost.helpers().modest


def test_the_heartbeat_takes_what_the_governor_says() -> None:
    told = Governor(Budget()).overhead()
    assert inventory.OverheadBudget.model_validate(told.model_dump()) == told
    assert (told.cpu_percent, told.memory_bytes) == (1.0, 150 << 20)
