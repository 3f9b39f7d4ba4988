"""What this host can record: each thing a recording needs is tried, and told with a reason and a fix when missing."""

import os
import platform
import re
from collections.abc import Callable
from pathlib import Path

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.bcc_binding import INSTALL_HINT, find_package
from profiler.agent.kernel.loaded_program import PERF_COUNT_SW_CPU_CLOCK, PERF_TYPE_SOFTWARE
from profiler.agent.kernel.program import MACHINES
from profiler.agent.targets.cgroups import hierarchies
from profiler.agent.targets.pid_namespaces import sees_host_cgroups, sees_host_pids
from profiler.agent.unwind.kernel_mappings import kernel_offsets
from profiler.core.inventory import Capability

# The probe that the others serve; its name is RecordingSpec.probe.
CPU = "cpu"
_MAP_TYPE_ARRAY, _MAP_TYPE_RINGBUF = 2, 27
_RING_BYTES = 4096
_ONE_SECOND_NS = 10**9
# Bits of CapEff: CAP_SYS_ADMIN, or CAP_PERFMON with CAP_BPF and CAP_SYS_PTRACE (5.8 and later).
_CAP_SYS_ADMIN, _CAP_SYS_PTRACE, _CAP_PERFMON, _CAP_BPF = 1 << 21, 1 << 19, 1 << 38, 1 << 39
_FINE_CAPABILITIES = _CAP_PERFMON | _CAP_BPF | _CAP_SYS_PTRACE
_BTF = Path("/sys/kernel/btf/vmlinux")
# The helper bpf_task_pt_regs.
_USER_REGISTERS_SINCE = (5, 15)


def capabilities() -> tuple[Capability, ...]:
    """All of them; the last one, `cpu`, is available when every one that it needs is, and else tells the first reason.

    They build on each other: who may not load BPF programs is refused everything that comes after.
    """
    needed = [check() for check in _NEEDED]
    helpful = [check() for check in _HELPFUL]
    missing = next((item for item in needed if not item.available), None)
    cpu = _capability(CPU, missing.reason, missing.fix) if missing else _capability(CPU, "", "")
    return (*needed, *helpful, cpu)


def recording_blocker() -> str:
    """The first reason why this host can't record, with what would help; empty when it can."""
    missing = (item for check in _NEEDED if not (item := check()).available)
    return next((f"{item.reason}: {item.fix}" for item in missing), "")


def _machine() -> Capability:
    machine = platform.machine()
    reason = "" if machine in MACHINES else f"this machine is {machine}"
    return _capability("machine", reason, f"recording runs on {', '.join(MACHINES)} so far")


def _privileges() -> Capability:
    effective = 0
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            effective = int(line.split()[1], 16)
    allowed = effective & _CAP_SYS_ADMIN or effective & _FINE_CAPABILITIES == _FINE_CAPABILITIES
    reason = "" if allowed else f"user {os.geteuid()} may not load BPF programs"
    return _capability("privileges", reason, "run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE")


def _bcc() -> Capability:
    """Only looked for: loaded it would stay in this process. A broken one is told by the process that compiles."""
    return _capability("bcc", "" if find_package() else "BCC was not found", INSTALL_HINT)


def _process_ids() -> Capability:
    reason = (
        "" if sees_host_pids() else "the agent runs in a pid namespace: the kernel's process ids are not those it sees"
    )
    return _capability("process ids", reason, "start it with the host's: --pid=host in Docker, hostPID in Kubernetes")


def _control_groups() -> Capability:
    if not hierarchies():
        return _capability("control groups", "no cgroup hierarchy is mounted", "mount the host's at /sys/fs/cgroup")
    reason = (
        "" if sees_host_cgroups() else "the agent has a cgroup namespace: containers and units outside have no path"
    )
    return _capability("control groups", reason, "start it with the host's: --cgroupns=host in Docker")


def _bpf() -> Capability:
    reason = _refusal(lambda: bpf_syscall.map_create(_MAP_TYPE_ARRAY, 4, 8, 1), "the kernel refused a BPF map")
    return _capability("bpf", reason, "a kernel with CONFIG_BPF_SYSCALL, and a container that may use bpf(2)")


def _ring_buffer() -> Capability:
    reason = _refusal(
        lambda: bpf_syscall.map_create(_MAP_TYPE_RINGBUF, 0, 0, _RING_BYTES), "the kernel refused a BPF ring buffer"
    )
    return _capability("ring buffer", reason, "Linux 5.8 or later")


def _perf_event() -> Capability:
    reason = _refusal(
        lambda: bpf_syscall.perf_event_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, _ONE_SECOND_NS, 0),
        "the kernel refused a cpu-clock event",
    )
    return _capability("perf events", reason, "a kernel with CONFIG_PERF_EVENTS, and perf_event_open(2) allowed")


def _kernel_symbols() -> Capability:
    try:
        with Path("/proc/kallsyms").open() as file:
            hidden = int(file.readline().split()[0], 16) == 0
    except (OSError, IndexError, ValueError):
        hidden = True
    reason = "kernel frames are shown as addresses: /proc/kallsyms tells none" if hidden else ""
    return _capability("kernel symbols", reason, "sysctl kernel.kptr_restrict=1, or 0, as root")


def _btf() -> Capability:
    reason = "" if _BTF.exists() else f"{_BTF} is missing"
    return _capability("btf", reason, "a kernel with CONFIG_DEBUG_INFO_BTF")


def _whole_stacks() -> Capability:
    """A recording tries and sees; by this one can know before."""
    release = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
    reason = "" if release >= _USER_REGISTERS_SINCE else f"Linux {platform.release()} hides user registers from BPF"
    return _capability("whole stacks", reason, "Linux 5.15 or later; until then stacks follow frame pointers")


def _new_processes() -> Capability:
    reason = "" if kernel_offsets() else "the kernel's mappings can't be read: it has no BTF or is older than 6.1"
    return _capability("stacks of new processes", reason, "Linux 6.1 or later with CONFIG_DEBUG_INFO_BTF")


_NEEDED: tuple[Callable[[], Capability], ...] = (
    _machine,
    _process_ids,
    _privileges,
    _bcc,
    _bpf,
    _ring_buffer,
    _perf_event,
)
_HELPFUL: tuple[Callable[[], Capability], ...] = (_kernel_symbols, _btf, _control_groups, _whole_stacks, _new_processes)


def _refusal(open_something: Callable[[], int], what: str) -> str:
    """Empty when the kernel gave a descriptor."""
    try:
        os.close(open_something())
    except OSError as error:
        return f"{what} ({error.strerror or error})"
    return ""


def _capability(name: str, reason: str, fix: str) -> Capability:
    return Capability(name=name, available=not reason, reason=reason, fix=fix if reason else "")
