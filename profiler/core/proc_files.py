"""The files of /proc that counters are read from, and what each says. Formats: proc(5) and the kernel's
Documentation/{filesystems/proc,admin-guide/iostats,accounting/psi}.rst.

A parser gets the whole file and gives values by name (core/counters.py). What a kernel doesn't tell is left out; a file
that is none of its kind raises ValueError.
"""

from collections.abc import Callable, Iterable, Mapping

from profiler.core.counters import MAX_DEVICES, OTHERS

Values = dict[str, float]

TICK_NS = 10_000_000  # USER_HZ is 100 on every architecture that Linux still has
SECTOR_BYTES = 512  # whatever the disk's own are
KIB = 1024

_CPU = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_STAT: Mapping[bytes, str] = {
    b"ctxt": "sched.switches",
    b"processes": "sched.forks",
    b"procs_running": "sched.running",
    b"procs_blocked": "sched.blocked",
    b"intr": "sched.interrupts",
}
_MEMINFO: Mapping[bytes, str] = {
    b"MemTotal": "mem.total",
    b"MemFree": "mem.free",
    b"MemAvailable": "mem.available",
    b"Buffers": "mem.buffers",
    b"Cached": "mem.cached",
    b"AnonPages": "mem.anonymous",
    b"Shmem": "mem.shared",
    b"Slab": "mem.slab",
    b"Dirty": "mem.dirty",
    b"Writeback": "mem.writeback",
    b"SwapTotal": "mem.swap_total",
    b"SwapFree": "mem.swap_free",
}
# Several lines of one name are added up.
_VMSTAT: Mapping[bytes, str] = {
    b"pgfault": "vm.faults",
    b"pgmajfault": "vm.major_faults",
    b"pswpin": "vm.swapped_in",
    b"pswpout": "vm.swapped_out",
    b"oom_kill": "vm.oom_kills",
    b"pgscan_kswapd": "vm.scanned",
    b"pgscan_direct": "vm.scanned",
    b"workingset_refault_anon": "vm.refaults",
    b"workingset_refault_file": "vm.refaults",
    b"allocstall_normal": "vm.reclaim_stalls",
    b"allocstall_movable": "vm.reclaim_stalls",
    b"allocstall_dma32": "vm.reclaim_stalls",
}
_SNMP: Mapping[bytes, Mapping[bytes, str]] = {
    b"Tcp:": {
        b"ActiveOpens": "tcp.opened",
        b"PassiveOpens": "tcp.accepted",
        b"AttemptFails": "tcp.failed",
        b"EstabResets": "tcp.resets",
        b"OutRsts": "tcp.resets_sent",
        b"RetransSegs": "tcp.retransmits",
        b"CurrEstab": "tcp.established",
    },
    b"Udp:": {
        b"InDatagrams": "udp.received",
        b"OutDatagrams": "udp.sent",
        b"InErrors": "udp.errors",
        b"RcvbufErrors": "udp.buffer_errors",
    },
    b"TcpExt:": {
        b"TCPTimeouts": "tcp.timeouts",
        b"ListenOverflows": "tcp.listen_overflows",
        b"ListenDrops": "tcp.listen_drops",
    },
}
_SOCKETS: Mapping[bytes, Mapping[bytes, str]] = {
    b"sockets:": {b"used": "sockets.used"},
    b"TCP:": {b"inuse": "sockets.tcp_in_use", b"orphan": "sockets.tcp_orphans", b"tw": "sockets.tcp_time_wait"},
    b"UDP:": {b"inuse": "sockets.udp_in_use"},
}
# Interfaces that programs make by the hundred come last, so that the machine's own have names of their own.
_MADE = (b"veth", b"docker", b"br-", b"cali", b"tap", b"tun", b"ifb", b"dummy", b"cni", b"flannel", b"vnet")
# Partitions are parts of their disks, these of memory.
_NO_DISKS = (b"loop", b"ram", b"zram", b"fd", b"sr")
_DISK = {"reads": (0, 1), "writes": (4, 1), "read_bytes": (2, SECTOR_BYTES), "write_bytes": (6, SECTOR_BYTES)}
_NET = {"bytes": 0, "packets": 1, "errors": 2, "drops": 3}
_NET_SENT = 8


def stat(data: bytes) -> Values:
    lines = data.split(b"\n", 1)
    name, *ticks = lines[0].split()
    if name != b"cpu":
        raise ValueError(f"/proc/stat begins with {lines[0][:40]!r}")
    found: Values = {f"cpu.{kind}": int(n) * TICK_NS for kind, n in zip(_CPU, ticks, strict=False)}
    for line in lines[1].split(b"\n") if len(lines) > 1 else ():
        # Of `intr` the first number is the sum; the line has thousands.
        word, *rest = line.split(b" ", 2)
        if rest and word in _STAT:
            found[_STAT[word]] = int(rest[0])
    return found


def pressure(resource: str) -> Callable[[bytes], Values]:
    def parse(data: bytes) -> Values:
        found: Values = {}
        for line in data.splitlines():
            kind, *fields = line.split()
            total = dict(field.split(b"=") for field in fields)[b"total"]
            found[f"psi.{resource}_{kind.decode()}"] = int(total) * 1000
        return found

    return parse


def meminfo(data: bytes) -> Values:
    found: Values = {}
    for line in data.splitlines():
        name, _, value = line.partition(b":")
        if name in _MEMINFO:
            found[_MEMINFO[name]] = int(value.split()[0]) * KIB
    return found


def vmstat(data: bytes) -> Values:
    found: Values = {}
    for line in data.splitlines():
        word, _, value = line.partition(b" ")
        if (name := _VMSTAT.get(word)) is not None:
            found[name] = found.get(name, 0) + int(value)
    return found


def loadavg(data: bytes) -> Values:
    return {f"load.{minutes}": float(text) for minutes, text in zip((1, 5, 15), data.split(), strict=False)}


def diskstats(data: bytes) -> Values:
    """Disks that ever did something."""
    rows: dict[bytes, Values] = {}
    whole = b""
    for line in data.splitlines():
        _, _, name, *fields = line.split()
        if name.startswith(_NO_DISKS) or _is_partition(name, whole):
            continue
        whole = name
        n = [int(field) for field in fields[:11]]
        if n[0] or n[4]:
            rows[name] = {what: n[at] * size for what, (at, size) in _DISK.items()}
            rows[name] |= {"io_ns": (n[3] + n[7]) * 1_000_000, "busy_ns": n[9] * 1_000_000, "in_flight": n[8]}
    return _by_device("disk", rows, sorted(rows))


def _is_partition(name: bytes, disk: bytes) -> bool:
    """Of the disk in the lines before. sda1 is a partition of sda, nvme0n1p1 of nvme0n1; dm-10 is none of dm-1."""
    number = name.removeprefix(disk) if disk and name.startswith(disk) else b""
    return number.removeprefix(b"p").isdigit() and number.startswith(b"p") == disk[-1:].isdigit()


def net_dev(data: bytes) -> Values:
    rows: dict[bytes, Values] = {}
    for line in data.splitlines()[2:]:
        name, _, text = line.partition(b":")
        fields = [int(field) for field in text.split()]
        if fields[0] or fields[_NET_SENT]:
            rows[name.strip()] = {
                f"{way}_{what}": fields[first + at]
                for way, first in (("rx", 0), ("tx", _NET_SENT))
                for what, at in _NET.items()
            }
    return _by_device("net", rows, sorted(rows, key=lambda name: (name.startswith(_MADE), name)))


def _by_device(group: str, rows: Mapping[bytes, Values], order: Iterable[bytes]) -> Values:
    found: Values = {}
    for at, device in enumerate(order):
        label = device.decode("ascii", "replace").replace("�", "?") if at < MAX_DEVICES else OTHERS
        for what, value in rows[device].items():
            name = f"{group}.{what}:{label}"
            found[name] = found.get(name, 0) + value
    return found


def snmp(data: bytes) -> Values:
    """Also of netstat: a line of names, then one of values, for each protocol."""
    found: Values = {}
    lines = data.splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        protocol, _, rest = names.partition(b" ")
        if wanted := _SNMP.get(protocol):
            told = dict(zip(rest.split(), values.split()[1:], strict=False))
            found |= {name: int(told[word]) for word, name in wanted.items() if word in told}
    return found


def sockstat(data: bytes) -> Values:
    found: Values = {}
    for line in data.splitlines():
        protocol, *words = line.split()
        if wanted := _SOCKETS.get(protocol):
            told = dict(zip(words[::2], words[1::2], strict=False))
            found |= {name: int(told[word]) for word, name in wanted.items() if word in told}
    return found


def softnet(data: bytes) -> Values:
    """A line for each CPU, in hexadecimal."""
    found: Values = dict.fromkeys(("softnet.packets", "softnet.dropped", "softnet.squeezed"), 0)
    for line in data.splitlines():
        for name, field in zip(found, line.split(None, 3), strict=False):
            found[name] += int(field, 16)
    return found


# Below /proc. Those of networks are of the first process: an agent in a container counts its host's.
FILES: Mapping[str, Callable[[bytes], Values]] = {
    "stat": stat,
    "pressure/cpu": pressure("cpu"),
    "pressure/io": pressure("io"),
    "pressure/memory": pressure("memory"),
    "meminfo": meminfo,
    "vmstat": vmstat,
    "loadavg": loadavg,
    "diskstats": diskstats,
    "1/net/dev": net_dev,
    "1/net/snmp": snmp,
    "1/net/netstat": snmp,
    "1/net/sockstat": sockstat,
    "1/net/softnet_stat": softnet,
}
