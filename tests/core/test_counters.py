"""Counters of /proc: what the files say, and what lies between two readings."""

import pytest

from profiler.core.counters import MAX_DEVICES, MAX_SPAN_NS, Reading, difference, is_counter
from profiler.core.proc_files import FILES

SECOND = 1_000_000_000

STAT = b"""cpu  101 7 53 997 11 2 3 5 13 17
cpu0 101 7 53 997 11 2 3 5 13 17
intr 139359455 0 7 1
ctxt 396037920
btime 1795364530
processes 2975822
procs_running 3
procs_blocked 1
softirq 62302110 0 6650565
"""
DISKS = b"""   7       0 loop0 5 0 10 0 0 0 0 0 0 0 0
 254       0 vda 27530860 4171976 878715330 29451645 7304976 13629328 494263264 10023046 2 2943008 40866844 8483738 5701
 254       1 vda1 27530859 4171976 878715322 29451644 7304976 13629328 494263264 10023046 0 2943008 40866844
 254      15 vda15 1 0 8 1 0 0 0 0 0 1 1
 259       0 nvme0n1 3 0 24 7 0 0 0 0 0 7 7
 259       1 nvme0n1p1 3 0 24 7 0 0 0 0 0 7 7
 252       1 dm-1 2 0 16 1 0 0 0 0 0 1 1
 252      10 dm-10 5 0 40 1 0 0 0 0 0 1 1
 253       0 zram0 1 0 1 1 0 0 0 0 0 0 0
 254      16 vdb 0 0 0 0 0 0 0 0 0 0 0
"""
NET = b"""Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo
    lo: 9315631095 7304394    0    0    0     0          0         0 9315631095 7304394    0    0    0
  ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0
  eth0:11455693092  640772    1    2    0     0          0         0 44856265  457016    3    4    0
"""
VMSTAT = b"""nr_free_pages 3161976
workingset_refault_anon 3
workingset_refault_file 110776834
pswpin 11
pswpout 13
allocstall_normal 5
allocstall_movable 2
pgfault 1724841597
pgmajfault 574341
pgscan_kswapd 100
pgscan_direct 31
oom_kill 1
"""
SNMP = b"""Ip: Forwarding DefaultTTL
Ip: 2 64
Tcp: MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs RetransSegs InErrs OutRsts
Tcp: -1 500774 492892 4921 3172 7 7692842 7061 0 14136
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors
Udp: 250721 12 1 257246 2
"""


def test_cpu_time_and_switches_come_from_stat() -> None:
    told = FILES["stat"](STAT)
    assert told["cpu.user"] == 1_010_000_000
    assert [told[f"cpu.{kind}"] / 10_000_000 for kind in ("nice", "system", "idle", "iowait", "irq", "softirq")] == [
        *(7, 53, 997, 11, 2, 3)
    ]
    assert told["cpu.steal"] == 50_000_000
    assert (told["sched.switches"], told["sched.forks"]) == (396037920, 2975822)
    assert (told["sched.running"], told["sched.blocked"], told["sched.interrupts"]) == (3, 1, 139359455)


def test_pressure_is_time_that_tasks_waited() -> None:
    some = b"some avg10=10.14 avg60=14.25 avg300=38.55 total=41826260823\n"
    assert FILES["pressure/cpu"](some) == {"psi.cpu_some": 41826260823000}
    both = some + b"full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
    assert FILES["pressure/io"](both) == {"psi.io_some": 41826260823000, "psi.io_full": 7000}


def test_memory_is_in_bytes() -> None:
    told = FILES["meminfo"](b"MemTotal:       24684084 kB\nMemFree: 3 kB\nHugePages_Total:       0\nCached: 5 kB\n")
    assert told == {"mem.total": 24684084 * 1024, "mem.free": 3072, "mem.cached": 5120}


def test_lines_of_vmstat_that_belong_together_are_added_up() -> None:
    assert FILES["vmstat"](VMSTAT) == {
        "vm.refaults": 110776837,
        "vm.swapped_in": 11,
        "vm.swapped_out": 13,
        "vm.reclaim_stalls": 7,
        "vm.faults": 1724841597,
        "vm.major_faults": 574341,
        "vm.scanned": 131,
        "vm.oom_kills": 1,
    }


def test_disks_are_whole_disks_that_did_something() -> None:
    told = FILES["diskstats"](DISKS)
    assert {name.partition(":")[2] for name in told} == {"vda", "nvme0n1", "dm-1", "dm-10"}
    assert (told["disk.reads:vda"], told["disk.writes:vda"]) == (27530860, 7304976)
    assert told["disk.read_bytes:vda"] == 878715330 * 512
    assert told["disk.io_ns:vda"] == (29451645 + 10023046) * 1_000_000
    assert (told["disk.busy_ns:vda"], told["disk.in_flight:vda"]) == (2943008 * 1_000_000, 2)


def test_networks_have_both_ways() -> None:
    told = FILES["1/net/dev"](NET)
    assert {name.partition(":")[2] for name in told} == {"lo", "eth0"}
    ways = [
        [told[f"net.{way}_{what}:eth0"] for what in ("bytes", "packets", "errors", "drops")] for way in ("rx", "tx")
    ]
    assert ways == [[11455693092, 640772, 1, 2], [44856265, 457016, 3, 4]]


def test_interfaces_beyond_the_limit_are_counted_together_and_the_machines_own_come_first() -> None:
    line = "{}: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"
    made = "".join(line.format(f"aveth{n}"[1:]) for n in range(MAX_DEVICES + 4))
    told = FILES["1/net/dev"](("\n\n" + made + line.format("wlan0")).encode())
    assert told["net.rx_bytes:wlan0"] == 1
    assert told["net.tx_bytes:others"] == 5 * 5
    assert len({name.partition(":")[2] for name in told}) == MAX_DEVICES + 1


def test_protocols_sockets_and_packets() -> None:
    told = FILES["1/net/snmp"](SNMP)
    assert (told["tcp.retransmits"], told["tcp.resets"], told["tcp.resets_sent"]) == (7061, 3172, 14136)
    assert (told["tcp.opened"], told["tcp.accepted"], told["tcp.established"]) == (500774, 492892, 7)
    assert (told["udp.received"], told["udp.sent"], told["udp.errors"]) == (250721, 257246, 1)
    more = FILES["1/net/netstat"](b"TcpExt: ListenOverflows ListenDrops New TCPTimeouts\nTcpExt: 7 8 9 16\n")
    assert more == {"tcp.listen_overflows": 7, "tcp.listen_drops": 8, "tcp.timeouts": 16}
    sockets = FILES["1/net/sockstat"](b"sockets: used 17\nTCP: inuse 1 orphan 0 tw 33 alloc 1 mem 140\nRAW: inuse 3\n")
    assert sockets == {
        "sockets.used": 17,
        "sockets.tcp_in_use": 1,
        "sockets.tcp_orphans": 0,
        "sockets.tcp_time_wait": 33,
    }
    packets = FILES["1/net/softnet_stat"](b"000000ff 00000001 00000006 00000000\n00000010 00000000 00000006 00000000\n")
    assert packets == {"softnet.packets": 271, "softnet.dropped": 1, "softnet.squeezed": 12}
    assert FILES["loadavg"](b"1.02 5.27 6.41 1/107 26274\n") == {"load.1": 1.02, "load.5": 5.27, "load.15": 6.41}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_says_has_a_known_name(name: str) -> None:
    samples = {"stat": STAT, "diskstats": DISKS, "1/net/dev": NET, "vmstat": VMSTAT, "1/net/snmp": SNMP}
    assert all(is_counter(found) for found in FILES[name](samples.get(name, b"")))


def test_a_file_that_is_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with"):
        FILES["stat"](b"nothing of the kind\n")


@pytest.mark.parametrize(
    "name", ["cpu.none", "cpu.user:vda", "disk.reads", "disk.reads:", "disk.reads:a b", "x", "", "."]
)
def test_other_names_are_no_counters(name: str) -> None:
    assert not is_counter(name)


def reading(second: float, **values: float) -> Reading:
    return Reading(
        *(int(second * SECOND),) * 2, {name.replace("__", ":").replace("_", ".", 1): n for name, n in values.items()}
    )


def test_sums_are_differences_over_real_time_and_levels_stay() -> None:
    row = difference(reading(10, cpu_user=5, load_1=3), reading(11.5, cpu_user=12, load_1=2))
    assert row is not None
    assert (row.at_ns, row.span_ns) == (int(11.5 * SECOND), int(1.5 * SECOND))
    assert row.values == {"cpu.user": 7, "load.1": 2}


def test_a_counter_that_wrapped_began_anew_or_is_new_is_a_gap_and_never_a_spike() -> None:
    before = reading(1, net_rx_bytes__eth0=2**32 - 1, vm_faults=100, sched_switches=1)
    row = difference(
        before, reading(2, net_rx_bytes__eth0=5, vm_faults=99, net_rx_bytes__eth1=10**12, sched_switches=1)
    )
    assert row is not None
    assert row.values == {"sched.switches": 0}


def test_what_the_kernel_lets_go_back_a_little_counts_as_nothing() -> None:
    row = difference(
        reading(1, cpu_iowait=2 * SECOND, cpu_idle=3 * SECOND), reading(2, cpu_iowait=SECOND + 1, cpu_idle=0)
    )
    assert row is not None
    assert row.values == {"cpu.iowait": 0}


@pytest.mark.parametrize("later_ns", [0, -1, MAX_SPAN_NS + 1])
def test_readings_too_far_apart_or_out_of_order_have_no_difference(later_ns: int) -> None:
    assert difference(reading(10, cpu_user=1), Reading(0, 10 * SECOND + later_ns, {"cpu.user": 2})) is None
