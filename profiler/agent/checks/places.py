"""Whether this kernel lets BPF programs run in the code of programs: tried, at a place that nobody passes again."""

import os
import struct
import sys
from pathlib import Path

from profiler.agent.kernel import bpf_syscall

UPROBES = Path("/sys/bus/event_source/devices/uprobe")
# Elf64_Ehdr: where the program begins, where its headers are, how many; Elf64_Phdr: of a part that is loaded.
_BEGIN, _TABLE, _COUNT = struct.Struct("<24xQ"), struct.Struct("<32xQ"), struct.Struct("<54xHH")
_PART = struct.Struct("<IIQQQQ")
_LOADED = 1


def places_refusal() -> str:
    """Empty when a probe could be set at the first instruction of this process's own program, in this process."""
    try:
        kind = int((UPROBES / "type").read_text())
    except OSError as error:
        return f"this kernel has no uprobes ({UPROBES}: {error.strerror})"
    try:
        program = Path(sys.executable).resolve()
        os.close(bpf_syscall.uprobe_open(kind, 0, str(program), first_instruction(program), os.getpid()))
    except OSError as error:
        return f"the kernel refused a probe in the code of a program: {error.strerror}"
    return ""


def first_instruction(program: Path) -> int:
    """The place in an ELF file of 64 bits where it begins to run. Raises OSError for what is none."""
    try:
        with program.open("rb") as file:
            data = file.read(4096)
        begin, table, (size, count) = _BEGIN.unpack_from(data)[0], _TABLE.unpack_from(data)[0], _COUNT.unpack_from(data)
        for i in range(count):
            kind, _, offset, address, _, length = _PART.unpack_from(data, table + i * size)
            if kind == _LOADED and address <= begin < address + length:
                return int(begin - address + offset)
    except struct.error:
        pass
    raise OSError(f"{program} is no program of 64 bits")
