"""Counters of a host as the kernel keeps them, without BPF: what there is, and the differences between two readings.

A name is `group.what`, or `group.what:device`. Sums only grow, so their differences over real time are rates: CPU time
and waiting are in ns (per second: CPUs, or shares of the time), sizes in bytes; `io_ns` is that of all requests, from
issue to completion. Levels are as they are.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SUMS: Final = MappingProxyType(
    {
        "cpu": "user nice system idle iowait irq softirq steal",  # ns
        "sched": "switches forks interrupts",
        "psi": "cpu_some cpu_full io_some io_full memory_some memory_full",  # ns
        "vm": "faults major_faults swapped_in swapped_out oom_kills scanned refaults reclaim_stalls",
        "disk": "reads writes read_bytes write_bytes io_ns busy_ns",
        "net": "rx_bytes rx_packets rx_errors rx_drops tx_bytes tx_packets tx_errors tx_drops",
        "tcp": "opened accepted failed resets resets_sent retransmits timeouts listen_overflows listen_drops",
        "udp": "received sent errors buffer_errors",
        "softnet": "packets dropped squeezed",
    }
)
LEVELS: Final = MappingProxyType(
    {
        "sched": "running blocked",
        "load": "1 5 15",
        "mem": "total free available buffers cached anonymous shared slab dirty writeback swap_total swap_free",
        "disk": "in_flight",
        "tcp": "established",
        "sockets": "used tcp_in_use tcp_orphans tcp_time_wait udp_in_use",
    }
)
SUM_NAMES = frozenset(f"{group}.{what}" for group, names in SUMS.items() for what in names.split())
LEVEL_NAMES = frozenset(f"{group}.{what}" for group, names in LEVELS.items() for what in names.split())
WITH_DEVICES = ("disk.", "net.")
_DEVICE = re.compile(r"[!-~]{1,32}")  # a kernel's name of one: 15 bytes for networks, 31 for disks
# Of the rest the sum is kept: a host of containers has hundreds of interfaces.
MAX_DEVICES = 16
OTHERS = "others"

# The kernel lets these go back by a little (proc_stat(5)): a CPU's share of them is counted anew when it changes state.
_MAY_GO_BACK = frozenset({"cpu.idle", "cpu.iowait"})
_LITTLE_NS = 1_000_000_000
# Nobody looked for longer than that: a mean over it would hide what happened.
MAX_SPAN_NS = 5_000_000_000


def is_counter(name: str) -> bool:
    base, _, device = name.partition(":")
    if base not in SUM_NAMES and base not in LEVEL_NAMES:
        return False
    return bool(_DEVICE.fullmatch(device)) if base.startswith(WITH_DEVICES) else base == name


@dataclass(frozen=True)
class Reading:
    """All counters at one moment: `at_ns` is Unix time, `clock_ns` one that nobody sets."""

    at_ns: int
    clock_ns: int
    values: dict[str, float]


@dataclass(frozen=True)
class Row:
    """What was counted in the `span_ns` before `at_ns`. A counter that is not in it is not known for that time."""

    at_ns: int
    span_ns: int
    values: dict[str, float]


def difference(before: Reading, now: Reading) -> Row | None:
    """None when too long lies between them. A sum that is smaller than before has wrapped or begun anew: how much was
    counted is not known, so it is left out.
    """
    span_ns = now.clock_ns - before.clock_ns
    if not 0 < span_ns <= MAX_SPAN_NS:
        return None
    values: dict[str, float] = {}
    for name, value in now.values.items():
        base = name.partition(":")[0]
        if base in LEVEL_NAMES:
            values[name] = value
        elif (earlier := before.values.get(name)) is not None:
            counted = value - earlier
            if counted >= 0:
                values[name] = counted
            elif base in _MAY_GO_BACK and counted > -_LITTLE_NS:
                values[name] = 0
    return Row(now.at_ns, span_ns, values)
