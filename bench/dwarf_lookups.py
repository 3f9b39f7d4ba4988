"""What does looking functions up in DWARF cost: the first time, and again?

    .venv/bin/python -m bench.dwarf_lookups FILE [ADDRESSES]      (an ELF file with debug information; default 2000)

Addresses are taken at random from the file's functions. "first" is CPU time of the worker process and its memory after
it, "again" that of this process when every function is known.
"""

import random
import sys
import time
from pathlib import Path

from profiler.agent.cost.own_cost import Helpers
from profiler.debuginfo.debug_file import DebugFile
from profiler.debuginfo.elf import SHT_SYMTAB, read_headers, read_symbols
from profiler.debuginfo.image import MAX_SECTION_BYTES
from profiler.debuginfo.worker import DwarfWorker

_FUNCTION = 2
_SEED = 1


def functions(path: Path) -> list[tuple[int, int]]:
    """Address and size of those with code."""
    data = path.read_bytes()
    headers = read_headers(lambda offset, size: data[offset : offset + size])
    found = read_symbols(lambda offset, size: data[offset : offset + size], headers, SHT_SYMTAB, MAX_SECTION_BYTES)
    if found is None:
        sys.exit(f"{path} has no symbol table")
    symbols = found[0]
    chosen = symbols[((symbols["info"] & 0xF) == _FUNCTION) & (symbols["size"] > 0)]
    return list(zip(chosen["value"].tolist(), chosen["size"].tolist(), strict=True))


def main(path: Path, count: int) -> None:
    chance = random.Random(_SEED)
    addresses = [start + chance.randrange(size) for start, size in chance.choices(functions(path), k=count)]
    with DwarfWorker() as worker, DebugFile(path, worker=worker) as file:
        chains = file.frames_of(addresses)
        helpers = Helpers()
        helpers.add(worker.pid)
        first = helpers.cpu_ns() / 1e9
        memory = next(line for line in Path(f"/proc/{worker.pid}/status").read_text().splitlines() if "VmHWM" in line)
        before = time.process_time()
        file.frames_of(addresses)
        again = time.process_time() - before
    with_line = sum(bool(chain and chain[-1].line) for chain in chains)
    inlined = sum(any(frame.inlined for frame in chain) for chain in chains)
    print(f"{path}, {path.stat().st_size / 1e6:.0f} MB: {count} addresses, {with_line / count:.1%} with a source line,")
    print(f"{inlined / count:.1%} in inlined functions; {file.problem or 'no problem'}")
    print(f"first {first:.2f} CPU s ({first / count * 1e6:.0f} µs each), worker {' '.join(memory.split()[1:])} at most")
    print(f"again {again:.3f} CPU s ({again / count * 1e6:.1f} µs each)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 2000)
