"""One debug file, or program with symbols, as a whole: the answer to "which functions are at this address?"."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from profiler.debuginfo.demangle import demangle
from profiler.debuginfo.function_index import FunctionIndex
from profiler.debuginfo.image import ElfImage, open_for_reading, read_elf_file
from profiler.debuginfo.source_frame import FunctionFrames, SourceFrame
from profiler.debuginfo.worker import MAX_ADDRESSES, Descriptors, DwarfWorker, NoDebugInfoError, WorkerError


class DebugFile:
    """Use it in a `with`. Raises ElfError when it is no ELF file that we read, OSError when it can't be opened.

    Functions come from DWARF where it is, from the symbol table otherwise. A file whose DWARF can't be read (damaged,
    too large for the limits) has the names of its symbol table; `problem` then says why.
    """

    def __init__(
        self, path: str | Path, alternate: str | Path | None = None, worker: DwarfWorker | None = None
    ) -> None:
        """alternate: the file that the first one's .gnu_debugaltlink names. A worker that is given is not closed."""
        self.image: ElfImage = read_elf_file(path)
        self.problem = ""
        self._fds = [open_for_reading(name) for name in (path, alternate) if name]
        self._descriptors = Descriptors(*self._fds)
        self._worker = worker or DwarfWorker()
        self._owns_worker = worker is None
        self._functions = FunctionIndex()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._owns_worker:
            self._worker.close()
        for fd in self._fds:
            os.close(fd)

    def frames_at(self, offset: int) -> tuple[SourceFrame, ...]:
        """Innermost first; the last one is the function whose code it is. Empty when nothing has a name there."""
        return self.frames_of([offset])[0]

    def frames_of(self, offsets: Sequence[int]) -> list[tuple[SourceFrame, ...]]:
        """`frames_at` for many: one request to the worker instead of many."""
        self._look_up([offset for offset in dict.fromkeys(offsets) if not self._functions.knows(offset)])
        return [with_symbol(self.image, offset, self._functions.find(offset)) for offset in offsets]

    def _look_up(self, offsets: list[int]) -> None:
        for first in range(0, len(offsets), MAX_ADDRESSES):
            some = offsets[first : first + MAX_ADDRESSES]
            if self.problem:
                return
            try:
                self._functions.learn(some, self._worker.functions_at(self._descriptors, some))
            except (NoDebugInfoError, WorkerError) as error:
                self.problem = str(error)
                return


def with_symbol(image: ElfImage, address: int, function: FunctionFrames | None) -> tuple[SourceFrame, ...]:
    """What DWARF says of an address, with the function itself called as the symbol table calls it.

    So it has one name, whether its debug information was at hand or not.
    """
    chain = function.frames_at(address) if function else ()
    symbol = image.symbols.find(address)
    if not symbol:
        return chain if chain and chain[-1].name else ()
    # A full symbol table writes versions behind names: `clone@@GLIBC_2.2.5`.
    name = demangle(symbol.partition(b"@")[0].decode(errors="replace"))
    return (*chain[:-1], chain[-1]._replace(name=name)) if chain else (SourceFrame(name),)
