"""The overhead budget of a host: how much the agent may take, and what it does when it takes more. Pure arithmetic.

CPU is an account: it is paid `cpu_share` of one CPU for every busy CPU, the agent's own time and its BPF programs' are
taken from it, and it never holds more than BURST_NS. So in any time T the agent takes at most T * share + BURST_NS
before it acts, and what costs much once (reading the symbols of a host) does not make it act. When the account is
empty it first lowers the rate, by half at a time; when the lowest rate does not help it ends the recording.
"""

from dataclasses import dataclass, replace

SECOND_NS = 10**9
DEFAULT_CPU_SHARE = 0.01
DEFAULT_MEMORY_BYTES = 150 << 20
# Twice what a first recording was measured to take until its first sample.
BURST_NS = 2 * SECOND_NS
# Unwind tables of unknown programs are made by helper processes: seconds of CPU, once per program and host. For so long
# after the start they are free; a host that meets new programs all the time pays for them afterwards.
WARM_UP_NS = 15 * SECOND_NS
# Use is averaged over about this long, and over nothing before the last change of the rate.
AVERAGE_NS = 5 * SECOND_NS
# A change is looked at for this long before the next one; raising waits longer, so that the rate does not swing.
SETTLE_NS = 3 * SECOND_NS
RAISE_NS = 15 * SECOND_NS
# The lowest rate is a sixteenth of what was asked for; if that is too much for this long, the recording ends.
MAX_FACTOR = 16
STOP_NS = 10 * SECOND_NS
# Garbage of a reading comes and goes; memory that stays over the limit for so long will not go.
MEMORY_PATIENCE_NS = 5 * SECOND_NS


@dataclass(frozen=True)
class Budget:
    """`cpu_share` of one CPU per busy CPU (0.01 is 1 %), memory of the agent and its helpers; None is no limit."""

    cpu_share: float | None = DEFAULT_CPU_SHARE
    memory_bytes: int | None = DEFAULT_MEMORY_BYTES


@dataclass(frozen=True)
class Interval:
    """What was measured since the reading before. `busy_ns`: CPU time of everything on the host, all CPUs together."""

    elapsed_ns: int
    own_ns: int
    helpers_ns: int
    bpf_ns: int
    busy_ns: int
    rss_bytes: int
    helpers_bytes: int = 0


@dataclass(frozen=True)
class Standing:
    """Where the agent stands. `factor`: every how many periods a sample is taken. Shares are of one CPU, averaged.

    `stop` says why the recording must end, empty while it may go on. `crowded`: with its helpers the agent takes more
    memory than it may, so those that can wait must end; without them it has to be too much before a recording does.
    """

    factor: int = 1
    account_ns: int = BURST_NS
    used_share: float = 0.0
    allowed_share: float = 0.0
    recording_ns: int = 0
    settled_ns: int = 0
    over_memory_ns: int = 0
    rss_bytes: int = 0
    crowded: bool = False
    stop: str = ""


def begin(standing: Standing, pause: Interval, budget: Budget) -> Standing:
    """A new recording: at the rate it asks for, with what the account holds after the pause before it.

    Helpers that worked in the pause learned in advance, with CPU time that nobody else wanted.
    """
    return Standing(account_ns=_paid(replace(standing, recording_ns=0), pause, budget).account_ns)


def step(standing: Standing, interval: Interval, budget: Budget) -> Standing:
    """Where the agent stands after one more interval of a recording. A standing that says stop stays as it is."""
    if standing.stop or interval.elapsed_ns <= 0:
        return standing
    paid = _paid(standing, interval, budget)
    if reason := _memory_verdict(paid, budget):
        return replace(paid, stop=reason)
    return paid if budget.cpu_share is None else _with_rate(paid)


def _paid(standing: Standing, interval: Interval, budget: Budget) -> Standing:
    elapsed = max(1, interval.elapsed_ns)
    spent = interval.own_ns + interval.bpf_ns
    if standing.recording_ns >= WARM_UP_NS:
        spent += interval.helpers_ns
    # A host that sleeps still has the limit of one busy CPU: less could not be kept by anything that runs at all.
    allowed = round((budget.cpu_share or 0.0) * max(interval.busy_ns, elapsed))
    weight = elapsed / min(standing.settled_ns + elapsed, max(elapsed, AVERAGE_NS))
    over = budget.memory_bytes is not None and interval.rss_bytes > budget.memory_bytes
    together = interval.rss_bytes + interval.helpers_bytes
    return replace(
        standing,
        account_ns=min(BURST_NS, max(-BURST_NS, standing.account_ns + allowed - spent)),
        used_share=_average(standing.used_share, spent / elapsed, weight),
        allowed_share=_average(standing.allowed_share, allowed / elapsed, weight),
        recording_ns=standing.recording_ns + elapsed,
        settled_ns=standing.settled_ns + elapsed,
        over_memory_ns=standing.over_memory_ns + elapsed if over else 0,
        rss_bytes=interval.rss_bytes,
        crowded=budget.memory_bytes is not None and together > budget.memory_bytes,
    )


def _with_rate(standing: Standing) -> Standing:
    if standing.account_ns < 0 and standing.used_share > standing.allowed_share:
        if standing.factor < MAX_FACTOR and standing.settled_ns >= SETTLE_NS:
            return replace(standing, factor=standing.factor * 2, settled_ns=0)
        if standing.factor == MAX_FACTOR and standing.settled_ns >= STOP_NS:
            return replace(standing, stop=f"{describe_use(standing)}, also at the lowest rate")
    # Twice the rate costs at most twice as much.
    has_room = standing.account_ns > BURST_NS // 2 and 2 * standing.used_share < standing.allowed_share
    if standing.factor > 1 and has_room and standing.settled_ns >= RAISE_NS:
        return replace(standing, factor=standing.factor // 2, settled_ns=0)
    return standing


def _memory_verdict(standing: Standing, budget: Budget) -> str:
    if budget.memory_bytes is None or standing.over_memory_ns < MEMORY_PATIENCE_NS:
        return ""
    return f"the agent holds {_mebibytes(standing.rss_bytes)} of memory, its limit is {_mebibytes(budget.memory_bytes)}"


def describe_use(standing: Standing) -> str:
    """Use and limit in a sentence's beginning."""
    return f"the agent used {standing.used_share:.1%} of a CPU, its limit is {standing.allowed_share:.1%}"


def _average(before: float, now: float, weight: float) -> float:
    return before + (now - before) * weight


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"
