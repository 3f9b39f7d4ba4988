"""How long interrupt handlers took."""

from profiler.core.probe import Emits, Histogram, Probe, Shows


def _handler(first: int, second: int) -> tuple[str, ...]:
    """The name's first 15 bytes."""
    text = (first.to_bytes(8, "little") + second.to_bytes(8, "little")).split(b"\0")[0]
    return (text.decode(errors="replace"),)


PROBE = Probe(
    name="hardirq_time",
    title="Interrupt time",
    about="How long each run of a device's interrupt handler took, by the handler's name. Timers of CPUs have none. In "
    "examples the thread is the one that was interrupted.",
    emits=Emits.HISTOGRAM,
    needs=("irq:irq_handler_entry", "irq:irq_handler_exit"),
    cost_ns=1050,
    offsets=("irqaction.name",),
    arguments=("irq_handler_entry(number, irqaction*)", "irq_handler_exit(number, irqaction*, number)"),
    histogram=Histogram(
        Shows.DURATION,
        ("handler",),
        _handler,
        stack="What the interrupt found running, as the handler ended: seldom its cause.",
    ),
)
