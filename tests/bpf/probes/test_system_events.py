"""Threads, kills for want of memory, privileges, mounts and modules: each of a known prime number."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from profiler.agent.checks.probe_checks import probe_capability
from profiler.agent.probes.program import ProbeProgramError
from profiler.probes.modules import EVENT
from profiler.probes.registry import probe_named
from tests.bpf.cgroup_directories import cgroup, mount
from tests.bpf.probes.feed import LOAD, python, rows_of, watching

pytestmark = pytest.mark.bpf

THREADS, FORKS = 97, 13
STARTS = f"""
import os, _thread
done = _thread.allocate_lock()
for _ in range({THREADS}):
    done.acquire()
    _thread.start_new_thread(done.release, ())
done.acquire()
for _ in range({FORKS}):
    if not (pid := os.fork()): os._exit(0)
    os.waitpid(pid, 0)
"""


def test_every_thread_is_told_and_processes_when_asked_for() -> None:
    rows = rows_of("threads", lambda: python(STARTS), comm=LOAD)
    assert [row["what"] for row in rows] == ["thread"] * THREADS
    assert all(row["thread"] != row["pid"] for row in rows)
    rows = rows_of("threads", lambda: python(STARTS), comm=LOAD, processes=True)
    assert Counter(row["what"] for row in rows) == {"thread": THREADS, "process": FORKS}


KILLED = 3
LIMIT_BYTES = 32 << 20
GROWS = """
import os, sys
for _ in range(int(sys.argv[2])):
    if not (pid := os.fork()):
        open(f"{sys.argv[1]}/cgroup.procs", "w").write(str(os.getpid()))
        hoard = []
        while True: hoard.append(b"x" * (1 << 20))
    os.waitpid(pid, 0)
"""


def memory_hierarchy() -> tuple[str, str, str]:
    """Where groups have limits of memory; what the limit is called there, and the one that keeps them from swapping."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup" and "memory" in options.split(","):
            return place, "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"
    return mount("cgroup2"), "memory.max", "memory.swap.max"


def test_every_kill_for_want_of_memory_is_told_with_what_the_victim_had() -> None:
    place, limit, swap_limit = memory_hierarchy()
    with cgroup(place) as (_, directory):
        if not (directory / limit).exists():
            pytest.skip(f"no {limit} in {directory}: no memory controller")
        (directory / limit).write_text(str(LIMIT_BYTES))
        if (directory / swap_limit).exists():  # of version 1 it is of memory and swap together
            (directory / swap_limit).write_text("0" if swap_limit == "memory.swap.max" else str(LIMIT_BYTES))
        with watching("oom_kills") as watched:
            python(GROWS, str(directory), str(KILLED))
    ours = [row for row in watched.rows if row["victim_name"] == LOAD]
    assert len(ours) == KILLED
    assert all(LIMIT_BYTES // 2 < row["anonymous"] <= row["total"] for row in ours)
    assert {(row["uid"], row["name"]) for row in ours} == {(0, LOAD)}


USED, REFUSED = 41, 29
USES = f"""
import os
for _ in range({USED}): os.chroot("/")
os.setresuid(65534, 65534, 65534)
for _ in range({REFUSED}):
    try: os.chroot("/")
    except PermissionError: pass
"""
CAP_SYS_CHROOT = 18


def test_each_use_of_a_privilege_is_told_when_asked_for_else_each_processs_first() -> None:
    rows = rows_of("privileges", lambda: python(USES), comm=LOAD, capability=CAP_SYS_CHROOT, each=True)
    assert Counter((row["capability"], row["error"], row["uid"]) for row in rows) == {
        ("CAP_SYS_CHROOT", "", 0): USED,
        ("CAP_SYS_CHROOT", "EPERM", 65534): REFUSED,
    }
    rows = rows_of("privileges", lambda: python(USES), comm=LOAD)
    told = Counter((row["capability"], row["error"]) for row in rows)
    assert set(told.values()) == {1}
    assert told["CAP_SYS_CHROOT", ""] == told["CAP_SETUID", ""] == told["CAP_SYS_CHROOT", "EPERM"] == 1
    rows = rows_of("privileges", lambda: python(USES), comm=LOAD, denied=True, each=True)
    assert Counter(row["error"] for row in rows if row["capability"] == "CAP_SYS_CHROOT") == {"EPERM": REFUSED}


MOUNTED, UNKNOWN = 11, 5
MOUNTS = f"""
import ctypes, os, sys
libc, place = ctypes.CDLL(None), os.fsencode(sys.argv[1])
assert libc.unshare(0x20000) == 0
assert libc.mount(b"none", b"/", None, 0x44000, None) == 0
for _ in range({MOUNTED}):
    assert libc.mount(b"a source", place, b"tmpfs", 1, None) == 0
    assert libc.umount2(place, 0) == 0
for _ in range({UNKNOWN}): libc.mount(None, place, b"no-such-type", 0, None)
"""


def test_every_mount_is_told_with_source_target_and_type(tmp_path: Path) -> None:
    place = tmp_path / "a new\nplace"
    place.mkdir()
    rows = [row for row in rows_of("mounts", lambda: python(MOUNTS, str(place)), comm=LOAD) if row["target"] != "/"]
    assert Counter((row["what"], row["source"], row["type"], row["flags"], row["error"]) for row in rows) == {
        ("mount", "a source", "tmpfs", "0x1", ""): MOUNTED,
        ("unmount", "", "", "0x0", ""): MOUNTED,
        ("mount", "", "no-such-type", "0x0", "ENODEV"): UNKNOWN,
    }
    assert {row["target"] for row in rows} == {str(place)}


def test_modules_are_watched_where_a_kernel_has_any_and_refused_in_words_where_not() -> None:
    here = probe_capability(probe_named("modules"))
    if here.available:
        with watching("modules"):
            pass
        return
    assert "module:module_load" in here.reason
    assert here.fix == "a kernel with CONFIG_MODULES"
    with (
        pytest.raises(ProbeProgramError, match=r"no tracepoint module:module_load.*CONFIG_MODULES"),
        watching("modules"),
    ):
        pass


def test_a_module_is_told_with_its_taints() -> None:
    decode = probe_named("modules").decode
    assert decode is not None
    loaded = np.array([(7, 1, 0, 1, 0x3001, b"insmod", b"zfs"), (8, 1, 0, 0, 0, b"rmmod", b"zfs")], dtype=EVENT)
    columns = decode(loaded)
    assert columns["taints"] == ["proprietary, out of tree, unsigned", ""]
    assert (columns["what"], columns["module"]) == (["load", "unload"], ["zfs", "zfs"])
