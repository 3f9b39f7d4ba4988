"""Sorted function symbols with a lookup that honours their sizes."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt

UInts = npt.NDArray[np.unsignedinteger[Any]]

_STT_FUNC, _STT_GNU_IFUNC = 2, 10
_STB_LOCAL, _STB_GLOBAL, _STB_WEAK = 0, 1, 2
_UNDERSCORE = ord("_")
# Hand-written assembly has functions of size 0; they reach to the next symbol, but not across half the module.
_MAX_UNSIZED_BYTES = 4096
# Nested symbols (a function's own entry points) are a few deep; a bound keeps a hostile table from a linear search.
_MAX_NESTING = 8


class SymbolTable:
    """Columns `start`, `end` (addresses) and `name` (offset into `strings`), sorted by start."""

    def __init__(self, start: UInts, end: UInts, name: UInts, strings: bytes) -> None:
        self._start = start.astype(np.uint64)
        self._end = end.astype(np.uint64)
        self._name = name.astype(np.uint32)
        self._strings = strings

    @classmethod
    def from_symbols(cls, value: UInts, size: UInts, info: UInts, shndx: UInts, name: UInts, strings: bytes) -> Self:
        """From the columns of an ELF symbol table: defined functions, one per address, the best name of aliases."""
        kind = info & 0xF
        chosen = ((kind == _STT_FUNC) | (kind == _STT_GNU_IFUNC)) & (shndx != 0) & (name < len(strings))
        start, size, name, binding = value[chosen], size[chosen], name[chosen], info[chosen] >> 4
        order = np.lexsort((_rank(name, binding, strings), size == 0, start))
        start, size, name = start[order], size[order], name[order]
        first = np.ones(len(start), dtype=bool)
        first[1:] = start[1:] != start[:-1]
        start, size, name = start[first], size[first], name[first]
        return cls(start, start + np.where(size == 0, _unsized(start), size), name, strings)

    @classmethod
    def empty(cls) -> Self:
        nothing = np.zeros(0, dtype=np.uint64)
        return cls(nothing, nothing, nothing, b"")

    def __len__(self) -> int:
        return len(self._start)

    @property
    def nbytes(self) -> int:
        return self._start.nbytes + self._end.nbytes + self._name.nbytes + len(self._strings)

    def find(self, address: int) -> bytes | None:
        """The name of the innermost function that holds the address."""
        index = int(np.searchsorted(self._start, np.uint64(address), side="right")) - 1
        for candidate in range(index, max(index - _MAX_NESTING, -1), -1):
            if address < self._end[candidate]:
                at = int(self._name[candidate])
                return self._strings[at : self._strings.find(b"\0", at)]
        return None


def _unsized(start: UInts) -> UInts:
    """How far symbols of size 0 reach."""
    reach = np.full(len(start), _MAX_UNSIZED_BYTES, dtype=np.uint64)
    reach[:-1] = np.minimum(np.diff(start), _MAX_UNSIZED_BYTES)
    return reach


def _rank(name: UInts, binding: UInts, strings: bytes) -> npt.NDArray[np.int64]:
    """Lower is better: `read` before `__read` before `__GI___libc_read`, then global before weak before local."""
    text = np.frombuffer(strings + b"\0\0", dtype=np.uint8)
    underscores = (text[name] == _UNDERSCORE) * (1 + (text[name + 1] == _UNDERSCORE))
    order = np.select([binding == _STB_GLOBAL, binding == _STB_WEAK], [0, 1], 2)
    return np.asarray(underscores * 4 + order, dtype=np.int64)
