"""What debug information says of an address."""

import bisect
from dataclasses import dataclass
from typing import NamedTuple


class SourceFrame(NamedTuple):
    """A function. `name` is demangled, `line` the one where the function begins (0: unknown), `file` may be empty.

    inlined: the function has no code of its own here, it is part of the one that comes next (further out).
    """

    name: str
    file: str = ""
    line: int = 0
    inlined: bool = False


@dataclass(frozen=True)
class FunctionFrames:
    """A piece of code of one function, with what was inlined into it. Addresses are those of the ELF file.

    chains[i] belongs to the addresses from cuts[i] to the next cut, the last one up to `end`: innermost first, and the
    function itself last.
    """

    start: int
    end: int
    cuts: tuple[int, ...]
    chains: tuple[tuple[SourceFrame, ...], ...]

    def frames_at(self, address: int) -> tuple[SourceFrame, ...]:
        """Empty outside of the function."""
        if not self.start <= address < self.end:
            return ()
        return self.chains[bisect.bisect_right(self.cuts, address) - 1]
