"""Programs for tracepoints and kernels that are not here: compiled, accepted by this kernel, and run once by hand.

What is not proven is that such a kernel calls them; their arguments are what its headers say that it passes.
"""

import os
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.btf import Btf
from profiler.agent.kernel.bytecode_cache import BytecodeCache, default_cache_directory
from profiler.agent.kernel.loaded_program import RAW_TRACEPOINT, LoadedProgram
from profiler.agent.kernel.probe_macros import parsed
from profiler.agent.kernel.program import compiled_program
from profiler.agent.kernel.program_source import ProgramOptions
from profiler.agent.kernel.ring import FixedRingReader
from profiler.agent.probes.events import FEED_HEADER
from profiler.agent.probes.program import FILTER, FILTER_HEADER
from profiler.core.probe import Columns, Probe, Record
from profiler.probes.registry import probe_named, program_file

pytestmark = pytest.mark.bpf

PAGES, PAGE = 16, 4096


def run(probe: Probe, event: str, arguments: list[int], macros: dict[str, int]) -> Record:
    """What the probe sends when its program at a raw tracepoint gets these arguments."""
    files = (FILTER_HEADER, FEED_HEADER, program_file(probe))
    first = {f"FIRST_{parsed(prototype)[0]}": 0 for prototype in probe.arguments}
    options = ProgramOptions(frozenset(probe.switches), {"FEED_PAGES": PAGES, **first, **macros}, files)
    loaded = LoadedProgram(compiled_program(options, BytecodeCache(default_cache_directory())))
    try:
        nobody = np.array([(0, 0, b"")], dtype=FILTER)
        bpf_syscall.map_update(loaded.map_fd("filters"), np.zeros(1, dtype="<u4"), nobody)
        assert probe.record is not None
        ring = FixedRingReader(loaded.map_fd("feed_ring"), PAGES * PAGE, probe.record)
        bpf_syscall.program_run(loaded.load(f"raw_tracepoint__{event}"), np.array(arguments, dtype=np.uint64))
        records: Record = ring.drain().copy()
        ring.close()
        return records
    finally:
        loaded.close()


def decoded(probe: Probe, records: Record) -> Columns:
    assert probe.decode is not None
    return probe.decode(records)


def own_task() -> int:
    """Where the kernel keeps this thread: what bpf_get_current_task gives, in halves, for a program returns 32 bits."""
    call, shift, end = ("<BBhi", 0x85, 0, 0, 35), ("<BBhi", 0x77, 0, 0, 32), ("<BBhi", 0x95, 0, 0, 0)
    halves = []
    for program in ((call, end), (call, shift, end)):
        code = b"".join(struct.pack(*instruction) for instruction in program)
        descriptor = bpf_syscall.program_load(RAW_TRACEPOINT, code, "own_task", None)
        halves.append(bpf_syscall.program_run(descriptor, np.zeros(1, dtype=np.uint64)))
        os.close(descriptor)
    return halves[1] << 32 | halves[0]


@pytest.mark.parametrize(("event", "what"), [("module_load", "load"), ("module_free", "unload")])
def test_a_module_is_told_by_its_name(event: str, what: str) -> None:
    """Of a module that is this thread: its name is the thread's, its taints are the thread's number."""
    task = {field: Btf.of_running_kernel().offset("task_struct", field) for field in ("comm", "pid")}
    probe, macros = probe_named("modules"), {"OFF_MODULE_NAME": task["comm"], "OFF_MODULE_TAINTS": task["pid"]}
    records = run(probe, event, [own_task()], macros)
    name = Path("/proc/thread-self/comm").read_text().strip()
    taints = threading.get_native_id() if what == "load" else 0
    assert [(row["module"].decode(), row["taints"], row["pid"]) for row in records] == [(name, taints, os.getpid())]
    assert decoded(probe, records)["what"] == [what]


def test_a_kernel_that_tells_a_victims_number_alone_gives_an_event_with_that() -> None:
    probe = probe_named("oom_kills")
    columns = decoded(probe, run(probe.at(probe.hooks[1]), "mark_victim", [4711], {}))
    told = {name: list(columns[name]) for name in ("victim", "victim_name", "uid", "total", "adjustment")}
    assert told == {"victim": [4711], "victim_name": [""], "uid": [2**32 - 1], "total": [0], "adjustment": [0]}
