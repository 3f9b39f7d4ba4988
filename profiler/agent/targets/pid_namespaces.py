"""Process ids are the host's everywhere in webprof. Whoever looks from inside of a container sees others."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

# Inode numbers of the first namespaces: include/uapi/linux/nsfs.h, the same on every kernel.
_INIT_PID_NAMESPACE = 0xEFFFFFFC
_INIT_CGROUP_NAMESPACE = 0xEFFFFFFB
MAX_SHOWN = 5


def sees_host_pids() -> bool:
    """False in a pid namespace of its own, where the ids in /proc are not those that BPF programs see."""
    return Path("/proc/self/ns/pid").stat().st_ino == _INIT_PID_NAMESPACE


def sees_host_cgroups() -> bool:
    """False in a cgroup namespace of its own, where paths begin at the agent's own group."""
    try:
        return Path("/proc/self/ns/cgroup").stat().st_ino == _INIT_CGROUP_NAMESPACE
    except OSError:  # a kernel without cgroups
        return True


def host_pids(inner: int) -> list[int]:
    """The processes whose id is `inner` as seen from their own namespace, which is not the host's."""
    return [pid for pid in all_pids() if _inner_ids(pid)[1:][-1:] == [inner]]


def hint(inner: int, among: set[int] | None = None) -> str:
    """For an error message: who may be meant by a pid read inside of a container. Empty when nobody fits."""
    meant = [pid for pid in host_pids(inner) if among is None or pid in among]
    if not meant:
        return ""
    names = ", ".join(f"{pid} ({_comm(pid)})" for pid in meant[:MAX_SHOWN])
    more = f" and {len(meant) - MAX_SHOWN} more" if len(meant) > MAX_SHOWN else ""
    return f"; who is {inner} inside of a pid namespace has another id on the host: {names}{more}"


def all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal())


def pid_counter() -> tuple[int, int]:
    """The process id that was given out last, and how many there can be."""
    newest = int(Path("/proc/loadavg").read_text().split()[-1])
    return newest, int(Path("/proc/sys/kernel/pid_max").read_text())


def youngest_first(pids: Iterable[int], newest: int, highest: int) -> list[int]:
    """By the order in which ids are given out: upwards, and from the lowest again after the highest."""
    return sorted(pids, key=lambda pid: (newest - pid) % highest)


def _inner_ids(pid: int) -> list[int]:
    """The id in each namespace, from the host's to the process's own; empty when the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return []
    line = next((line for line in status.splitlines() if line.startswith("NSpid:")), "")
    return [int(word) for word in line.split()[1:]]


def _comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return "gone"
