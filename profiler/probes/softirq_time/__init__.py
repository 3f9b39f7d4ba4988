"""How long soft interrupts took."""

from profiler.core.probe import Emits, Histogram, Probe, Shows

# include/linux/interrupt.h
_KINDS = ("HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU")


def _kind(number: int, _: int) -> tuple[str, ...]:
    return (_KINDS[number] if number < len(_KINDS) else f"kind {number}",)


PROBE = Probe(
    name="softirq_time",
    title="Soft interrupt time",
    about="How long each run of a soft interrupt took, by its kind: work that drivers and timers leave for later. In "
    "examples the thread is the one that was interrupted.",
    emits=Emits.HISTOGRAM,
    needs=("irq:softirq_entry", "irq:softirq_exit"),
    cost_ns=200,
    arguments=("softirq_entry(number)", "softirq_exit(number)"),
    histogram=Histogram(
        Shows.DURATION,
        ("kind",),
        _kind,
        stack="What the interrupt found running, as it ended: seldom its cause.",
    ),
)
