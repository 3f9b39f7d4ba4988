"""Which of a probe's ways a kernel allows is chosen by what it has, the best one first."""

import pytest

from profiler.core.inventory import Capability
from profiler.core.probe import Emits, Hook, Probe
from profiler.probes.hooks import choose
from profiler.probes.registry import all_probes

TELLS = Hook("told", "the event tells it", "TOLD", arguments=("event(number, number)",))
READS = Hook("read", "it is read", "READ", offsets=("thing.field",), needs=("group:other",))
PROBE = Probe("example", "", "", Emits.EVENTS, ("group:event",), 1, offsets=("thing.size",), hooks=(TELLS, READS))
ALL = {"group:event", "group:other", "event(number, number)", "thing.field", "thing.size"}


def kernel(*, lacks: set[str]) -> "Kernel":
    return Kernel(ALL - lacks)


class Kernel:
    """What one has."""

    def __init__(self, has: set[str]) -> None:
        self._has = has

    def __call__(self, probe: Probe) -> Capability:
        assert not probe.hooks
        missing = [need for need in (*probe.needs, *probe.offsets, *probe.arguments) if need not in self._has]
        return Capability(name=probe.name, available=not missing, reason=f"no {missing[0]}" if missing else "")


@pytest.mark.parametrize(
    ("lacks", "hook", "told"),
    [
        (set(), TELLS, "told: the event tells it"),
        ({"thing.field", "group:other"}, TELLS, "told: the event tells it"),
        ({"event(number, number)"}, READS, "read: it is read (not told: no event(number, number))"),
    ],
)
def test_the_first_way_that_is_not_refused_is_taken_and_told_with_why(lacks: set[str], hook: Hook, told: str) -> None:
    way = choose(PROBE, kernel(lacks=lacks))
    assert (way.hook, way.told(), way.state.available) == (hook, told, True)
    assert way.probe.switches == (hook.macro,)
    assert set(way.probe.needs) == {*PROBE.needs, *hook.needs}
    assert set(way.probe.offsets) == {*PROBE.offsets, *hook.offsets}


@pytest.mark.parametrize("lacks", [{"group:event"}, {"event(number, number)", "thing.field"}])
def test_where_all_are_refused_the_best_ones_reason_is_told(lacks: set[str]) -> None:
    way = choose(PROBE, kernel(lacks=lacks))
    assert not way.state.available
    assert way.state.reason in {"no group:event", "no event(number, number)"}


def test_a_probe_of_one_way_tells_nothing_of_it() -> None:
    one = PROBE.at(READS)
    way = choose(one, kernel(lacks=set()))
    assert (way.probe, way.hook, way.told()) == (one, None, "")


def test_ways_of_a_probe_have_macros_of_their_own_and_are_told_in_words() -> None:
    for probe in all_probes().values():
        assert len({hook.macro for hook in probe.hooks}) == len(probe.hooks) != 1
        assert all(hook.name and hook.about for hook in probe.hooks)
