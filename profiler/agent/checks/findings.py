"""What `webprof doctor` concludes from what it reads: one function per question, without looking at the host itself."""

import re
from dataclasses import dataclass
from enum import StrEnum

# Ring buffers came with 5.8; without them no stack reaches us.
MIN_KERNEL = (5, 8)
# XADD … NOMKSTREAM, which live streams are written with.
MIN_REDIS = (6, 2)
# The compiler's peak and the symbols of a large host; measured by bench/agent_cost.py.
MIN_MEMORY_BYTES = 512 * 2**20
# The spool's limit, and room for the rest.
MIN_DISK_BYTES = 512 * 2**20
# A profile's place on the time axis is wrong by as much.
MAX_SKEW_S = 2.0
# The initial pid namespace's inode, fixed in the kernel (PROC_PID_INIT_INO).
HOST_PID_NAMESPACE = "pid:[4026531836]"


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line: `why` says what is there, `fix` what to do, empty when all is well. `fail` means no recording."""

    name: str
    status: Status
    why: str
    fix: str = ""


def kernel(release: str) -> Finding:
    version = _version(release)
    if version < MIN_KERNEL:
        wanted = ".".join(map(str, MIN_KERNEL))
        return Finding("kernel", Status.FAIL, f"Linux {release} is older than {wanted}", "use a newer kernel")
    return Finding("kernel", Status.OK, f"Linux {release}")


def perf_event_paranoid(level: str | None, *, privileged: bool) -> Finding:
    name = "perf_event_paranoid"
    if level is None:
        return Finding(name, Status.FAIL, "this kernel has no perf events", "use a kernel with CONFIG_PERF_EVENTS")
    if privileged:
        return Finding(name, Status.OK, f"{level}, which does not bind a privileged user")
    return Finding(name, Status.WARN, f"{level} binds users without CAP_PERFMON", "run as root")


def tracefs(path: str | None) -> Finding:
    if path is None:
        fix = "mount -t tracefs tracefs /sys/kernel/tracing"
        return Finding(
            "tracefs", Status.WARN, "not mounted, or not readable for this user; CPU recordings do without it", fix
        )
    return Finding("tracefs", Status.OK, path)


def bcc(package: str | None, library: str | None) -> Finding:
    if package is None or library is None:
        missing = "BCC's Python bindings" if package is None else "libbcc"
        return Finding("bcc files", Status.FAIL, f"{missing} not found", "apt install python3-bpfcc")
    return Finding("bcc files", Status.OK, f"bindings in {package}, library {library}")


def lockdown(text: str | None) -> Finding:
    """`text` is /sys/kernel/security/lockdown, `none [integrity] confidentiality`."""
    chosen = re.search(r"\[(\w+)\]", text or "")
    mode = chosen[1] if chosen else "none"
    if mode == "confidentiality":
        fix = "boot with lockdown=integrity: confidentiality forbids BPF to read kernel memory"
        return Finding("lockdown", Status.FAIL, "kernel lockdown is in mode confidentiality", fix)
    return Finding("lockdown", Status.OK, mode)


def seccomp(mode: str, *, works: bool) -> Finding:
    """`mode` is the Seccomp field of /proc/self/status; `works` whether the self-test passed all the same."""
    if mode != "2" or works:
        return Finding("seccomp", Status.OK, "a filter that allows what is needed" if mode == "2" else "no filter")
    fix = "allow bpf(2) and perf_event_open(2): in Docker, --privileged or --security-opt seccomp=unconfined"
    return Finding("seccomp", Status.WARN, "a seccomp filter binds this process", fix)


def pid_namespace(link: str) -> Finding:
    if link == HOST_PID_NAMESPACE:
        return Finding("pid namespace", Status.OK, "the host's")
    why = "this is a container's pid namespace: its pids are not the ones that the kernel's samples name"
    return Finding("pid namespace", Status.WARN, why, "in Docker, --pid=host; in Kubernetes, hostPID: true")


def redis_server(info: dict[str, str], url: str) -> Finding:
    """`info` is Redis's INFO, as strings."""
    release = info.get("redis_version", "0")
    if _version(release) < MIN_REDIS:
        wanted = ".".join(map(str, MIN_REDIS))
        return Finding("redis", Status.FAIL, f"Redis {release} at {url} is older than {wanted}", "use a newer Redis")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction" and info.get("maxmemory", "0") != "0":
        fix = "set maxmemory-policy noeviction in its configuration"
        return Finding("redis", Status.WARN, f"{url} may throw results away: policy {policy}", fix)
    return Finding("redis", Status.OK, f"Redis {release} at {url}")


def redis_away(url: str, reason: str, *, configured: bool) -> Finding:
    """Without a Redis that was asked for the agent can't work; `webprof profile` needs none."""
    if configured:
        return Finding("redis", Status.FAIL, f"{url}: {reason}", "check WEBPROF_REDIS_URL, and that Redis runs there")
    why = f"none at {url}: `webprof profile` works, `webprof agent` waits for it"
    return Finding("redis", Status.WARN, why, "set WEBPROF_REDIS_URL to the server's Redis")


def clock(skew_s: float | None) -> Finding:
    if skew_s is None:
        return Finding("clock", Status.WARN, "not compared: Redis does not answer", "see redis")
    if abs(skew_s) > MAX_SKEW_S:
        side = "ahead of" if skew_s > 0 else "behind"
        why = f"{abs(skew_s):.1f} s {side} Redis's clock: profiles appear at the wrong time"
        return Finding("clock", Status.WARN, why, "synchronise clocks (chrony or systemd-timesyncd)")
    return Finding("clock", Status.OK, f"within {MAX_SKEW_S:.0f} s of Redis's")


def disk(directory: str, free_bytes: int | None, reason: str = "") -> Finding:
    if free_bytes is None:
        return Finding("data directory", Status.FAIL, f"{directory} can't be written: {reason}", "set WEBPROF_DATA")
    if free_bytes < MIN_DISK_BYTES:
        why = f"{directory} has {free_bytes >> 20} MiB free, less than {MIN_DISK_BYTES >> 20}"
        return Finding("data directory", Status.WARN, why, "free some, or set WEBPROF_DATA to another disk")
    return Finding("data directory", Status.OK, f"{directory}, {free_bytes >> 20} MiB free")


def memory(available_bytes: int, limit_bytes: int | None) -> Finding:
    """`limit_bytes` is the control group's."""
    least = min(available_bytes, limit_bytes if limit_bytes is not None else available_bytes)
    if least < MIN_MEMORY_BYTES:
        kind = "limit of this control group" if least == limit_bytes else "available memory"
        why = f"{kind} is {least >> 20} MiB, less than {MIN_MEMORY_BYTES >> 20}"
        return Finding("memory", Status.WARN, why, "raise the limit, or a recording may be killed")
    return Finding("memory", Status.OK, f"{least >> 20} MiB")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
