"""A probe with a parameter of each sort, for what is made of declarations."""

import pytest

from profiler.core.probe import CommName, Emits, Flag, Number, Probe
from profiler.probes import registry, stacks

TEA = Probe(
    name="tea",
    title="Tea time",
    about="Where threads wait for tea.",
    emits=Emits.STACKS,
    needs=("kitchen:tea_begin", "lock:contention_end"),
    cost_ns=700,
    unit="nanoseconds",
    parameters=(
        Number("least_us", "At least", "Shorter waits are left out.", 0, 1_000_000, 5, "µs"),
        Flag("milk", "With milk", "Also waits for milk.", default=True),
        CommName("cook", "Cook", "Only what this thread brewed."),
    ),
)


def offer(monkeypatch: pytest.MonkeyPatch, *probes: Probe) -> None:
    """Until the test ends the registry has these, too."""
    known = registry.all_probes() | {probe.name: probe for probe in probes}
    monkeypatch.setattr(stacks, "all_probes", lambda: known)
