"""Which service a process is of: what rules look at, and the name where no rule fits."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from profiler.core.frame import Thread
from profiler.core.groups import SHORT_ID, CgroupLabels, ProcessLabels
from profiler.core.profile import Profile
from profiler.core.stack_sums import StackSums, sums_apart

UNKNOWN, KERNEL = "unknown", "kernel"
MAX_SERVICE = 255
# A host with more has programs whose names are numbers: the smallest ones share a name.
MAX_SERVICES = 500
OTHERS = "others"


class Facts(NamedTuple):
    """What is known of a process; what nobody tells is empty. `container` is its name, else the start of its id."""

    comm: str = ""
    unit: str = ""
    container: str = ""
    image: str = ""
    kernel: bool = False
    variables: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, process: ProcessLabels, group: CgroupLabels) -> "Facts":
        container = group.name or group.container[:SHORT_ID]
        return cls(process.comm, group.unit, container, group.image, process.kernel, process.variables)


# The service of each of these processes, in their order: at most MAX_SERVICE characters, never empty.
Naming = Callable[[Sequence[Facts]], Sequence[str]]


def default_service(facts: Facts) -> str:
    """Its container, else its unit, else its program; the kernel's own threads are one service."""
    if facts.kernel:
        return KERNEL
    unit = facts.unit.removesuffix(".service") if facts.unit.endswith(".service") else ""
    # A scope's name is often a session's number: what runs in it says more.
    return (facts.container or unit or facts.comm or UNKNOWN)[:MAX_SERVICE]


def default_services(facts: Sequence[Facts]) -> list[str]:
    return [default_service(one) for one in facts]


def thread_facts(profile: Profile) -> list[Facts]:
    """Those of each thread's process. Threads have names of their own, which say nothing about a service: the process
    said its name when it was asked, else its first thread has it, else any thread stands for it.
    """
    names: dict[int, ProcessLabels] = {}
    for thread in profile.threads:
        if thread.pid not in names or thread.tid == thread.pid:
            names[thread.pid] = ProcessLabels(thread.comm)
    names |= profile.processes
    return [Facts.of(_process(names, thread), profile.labels(thread)) for thread in profile.threads]


def by_service(profile: Profile, naming: Naming = default_services) -> dict[str, StackSums]:
    """The profile's sums apart by service; together they are all of it."""
    of_thread = thread_facts(profile)
    distinct = list(dict.fromkeys(of_thread))
    named = dict(zip(distinct, naming(distinct), strict=True))
    names = sorted(set(named.values()))
    place = {name: number for number, name in enumerate(names)}
    part = np.array([place[named[facts]] for facts in of_thread], dtype=np.int64)[profile.thread]
    totals = np.zeros(len(names), dtype=np.int64)
    np.add.at(totals, part, profile.value)
    largest = np.argsort(-totals, kind="stable")
    kept = [names[number] for number in largest[:MAX_SERVICES].tolist()]
    if len(names) > MAX_SERVICES:
        kept = list(dict.fromkeys([*kept, OTHERS]))
    new = {name: number for number, name in enumerate(kept)}
    moved = np.array([new.get(name, new.get(OTHERS, 0)) for name in names], dtype=np.int64)
    parts = sums_apart(profile, moved[part], len(kept))
    return {name: sums for name, sums in zip(kept, parts, strict=True) if sums.total}


def _process(names: dict[int, ProcessLabels], thread: Thread) -> ProcessLabels:
    # Pid 0 is every CPU's idle task, and what is known of no process: their threads are what they are called.
    return names[thread.pid] if thread.pid else ProcessLabels(thread.comm)
