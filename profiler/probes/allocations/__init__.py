"""Memory that one process asks its allocator for."""

from profiler.core.probe import Emits, Flag, Probe

PROBE = Probe(
    name="allocations",
    title="Allocations",
    about="Which code of one process asks malloc and its kin for how many bytes, or for how many that it does not "
    "give back. Each call stops the program for some microseconds.",
    emits=Emits.STACKS,
    needs=(),
    at_places=True,
    cost_ns=1_700,
    unit="bytes",
    parameters=(
        Flag("kept", "Not freed", "Only what is allocated meanwhile and not freed until the end, where leaks are."),
    ),
)
