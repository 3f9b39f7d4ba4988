"""Who listens at which port of TCP before a feed begins: its program sees only those that begin to listen later."""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from profiler.agent.kernel import bpf_syscall

PROC = Path("/proc")
# `struct owner` of probes/tcp/program.c.
OWNER = np.dtype([("pid", "<u4"), ("comm", "S16")])
_LISTENS = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def seed_listeners(map_fd: Callable[[str], int]) -> None:
    """Whom the program has seen already stays."""
    for port, (pid, comm) in listeners().items():
        owner = np.array([(pid, comm)], dtype=OWNER)
        with contextlib.suppress(FileExistsError):
            bpf_syscall.map_update(map_fd("listeners"), np.array([port], dtype="<u2"), owner, only_new=True)


def listeners(proc: Path = PROC) -> dict[int, tuple[int, bytes]]:
    """By port: the first process that has the socket open, and its name. In all network namespaces, as far as processes
    can be read; of several sockets at one port the first one counts.
    """
    ports: dict[str, int] = {}
    networks: set[str] = set()
    found: dict[int, tuple[int, bytes]] = {}
    for process in _processes(proc):
        with contextlib.suppress(OSError):
            network = str((process / "ns" / "net").readlink())
            if network not in networks:
                ports |= _listening(process / "net")
                networks.add(network)
    for process in _processes(proc):
        for inode in _sockets(process) & ports.keys():
            with contextlib.suppress(OSError):
                found.setdefault(ports[inode], (int(process.name), (process / "comm").read_bytes().rstrip(b"\n")[:15]))
    return found


def _processes(proc: Path) -> list[Path]:
    """Oldest numbers first: a server before those that it has forked."""
    return sorted((path for path in proc.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))


def _listening(network: Path) -> dict[str, int]:
    """Inode → port (proc_net_tcp(5))."""
    found = {}
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (network / name).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS:
                    found[fields[9]] = int(fields[1].rpartition(":")[2], 16)
    return found


def _sockets(process: Path) -> set[str]:
    """Inodes of its open sockets."""
    return set(_inodes(process / "fd"))


def _inodes(directory: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for entry in os.scandir(directory):
            with contextlib.suppress(OSError):
                if match := _SOCKET.fullmatch(str(Path(entry.path).readlink())):
                    yield match[1]
