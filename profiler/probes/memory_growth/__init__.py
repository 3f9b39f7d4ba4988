"""Bytes by which programs' address spaces grow."""

from profiler.core.probe import Emits, Flag, Probe

PROBE = Probe(
    name="memory_growth",
    title="Memory growth",
    about="Which code makes programs larger: the bytes that brk, mmap and mremap add to their address space. "
    "What is freed again is not taken off, and what was not touched yet takes no memory.",
    emits=Emits.STACKS,
    needs=tuple(f"syscalls:sys_{side}_{call}" for call in ("brk", "mmap", "mremap") for side in ("enter", "exit")),
    cost_ns=1_800,
    unit="bytes",
    parameters=(Flag("files", "Files", "Also mappings of files, such as libraries."),),
    offsets=("task_struct.mm", "mm_struct.brk"),
)
