"""Sorted function symbols with a lookup that honours their sizes."""

from collections.abc import Iterator
from typing import Self

import numpy as np
import numpy.typing as npt

from profiler.debuginfo.elf import SYMBOL, ReadAt, Records, SectionHeader
from profiler.debuginfo.function_ranges import FunctionRanges, UInts
from profiler.debuginfo.packed_text import BLOCK_BYTES, PackedText

Ints = npt.NDArray[np.int64]

# A browser with all its symbols has 700,000. They take 12 MB, and 60 MB for the moment in which they are sorted.
MAX_FUNCTIONS = 1 << 20
_STT_FUNC, _STT_GNU_IFUNC = 2, 10
_STB_GLOBAL, _STB_WEAK, _BINDINGS = 1, 2, 16
_BINDING_RANK = np.full(_BINDINGS, 2, dtype=np.uint8)
_BINDING_RANK[[_STB_GLOBAL, _STB_WEAK]] = 0, 1
_UNDERSCORE = ord("_")
# Hand-written assembly has functions of size 0; they reach to the next symbol, but not across half the module.
_MAX_UNSIZED_BYTES = 4096
# Tables are read in pieces: a library's records are ten times what is kept of them.
_RECORDS_BYTES = SYMBOL.itemsize << 13
_TEXT_BYTES = 16 * BLOCK_BYTES
_LARGEST = np.iinfo(np.uint32).max
_FUNCTION = np.dtype([("start", "<u8"), ("size", "<u4"), ("name", "<u4"), ("binding", "u1")])


class SymbolTable(FunctionRanges):
    """`name`: the place of each function's name in `names`."""

    def __init__(self, start: UInts, size: UInts, name: UInts, names: PackedText) -> None:
        super().__init__(start, size)
        self._name = name.astype(np.uint32)
        self._names = names

    @classmethod
    def read(cls, read_at: ReadAt, symbols: SectionHeader, names: SectionHeader) -> Self | None:
        """Defined functions, one per address, the best name of aliases. None when there are over MAX_FUNCTIONS."""
        found = _functions(read_at, symbols, names.size)
        if found is None:
            return None
        heads = np.zeros((len(found), 2), dtype=np.uint8)
        text = PackedText.of(_text(read_at, names, found["name"].astype(np.int64), heads))
        found = found[np.lexsort((_rank(heads, found["binding"]), found["size"] == 0, found["start"]))]
        first = np.ones(len(found), dtype=bool)
        first[1:] = found["start"][1:] != found["start"][:-1]
        found = found[first]
        start, size = found["start"], found["size"]
        return cls(start, np.where(size == 0, _unsized(start), size), found["name"], text)

    @classmethod
    def empty(cls) -> Self:
        nothing = np.zeros(0, dtype=np.uint64)
        return cls(nothing, nothing, nothing, PackedText.of(()))

    @property
    def nbytes(self) -> int:
        return super().nbytes + self._name.nbytes + self._names.nbytes

    def find(self, address: int) -> bytes | None:
        """The name of the innermost function that holds the address."""
        number = self.number(address)
        return None if number is None else self.name(number)

    def name(self, number: int) -> bytes:
        return self._names.name(int(self._name[number]))


def _functions(read_at: ReadAt, symbols: SectionHeader, names_size: int) -> Records | None:
    """In the order of their names' places."""
    chosen, count = [np.zeros(0, dtype=_FUNCTION)], 0
    for _, data in _pieces(read_at, symbols, _RECORDS_BYTES):
        records = np.frombuffer(data, dtype=SYMBOL, count=len(data) // SYMBOL.itemsize)
        kind = records["info"] & 0xF
        wanted = ((kind == _STT_FUNC) | (kind == _STT_GNU_IFUNC)) & (records["shndx"] != 0)
        chosen.append(_compact(records[wanted & (records["name"] < names_size)]))
        count += len(chosen[-1])
        if count > MAX_FUNCTIONS:
            return None
    found = np.concatenate(chosen)
    chosen.clear()
    return found[np.argsort(found["name"], kind="stable")]


def _compact(symbols: Records) -> Records:
    functions = np.empty(len(symbols), dtype=_FUNCTION)
    functions["start"], functions["name"] = symbols["value"], symbols["name"]
    functions["size"] = np.minimum(symbols["size"], _LARGEST)
    functions["binding"] = symbols["info"] >> 4
    return functions


def _text(read_at: ReadAt, names: SectionHeader, at: Ints, heads: npt.NDArray[np.uint8]) -> Iterator[bytes]:
    """The names in pieces; what passes by of the first two bytes of the names `at`, sorted, is written to `heads`."""
    for start, piece in _pieces(read_at, names, _TEXT_BYTES):
        text = np.frombuffer(piece, dtype=np.uint8)
        for i in (0, 1):
            low, high = np.searchsorted(at, (start - i, start - i + len(text)))
            heads[low:high, i] = text[at[low:high] + i - start]
        yield piece


def _pieces(read_at: ReadAt, section: SectionHeader, size: int) -> Iterator[tuple[int, bytes]]:
    """(place in the section, content); ends where the file does."""
    for start in range(0, section.size, size):
        wanted = min(size, section.size - start)
        piece = read_at(section.offset + start, wanted)
        yield start, piece
        if len(piece) < wanted:
            return


def _unsized(start: UInts) -> UInts:
    """How far symbols of size 0 reach."""
    reach = np.full(len(start), _MAX_UNSIZED_BYTES, dtype=np.uint64)
    reach[:-1] = np.minimum(np.diff(start), _MAX_UNSIZED_BYTES)
    return reach


def _rank(heads: npt.NDArray[np.uint8], binding: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Lower is better: `read` before `__read` before `__GI___libc_read`, then global before weak before local."""
    underscores = (heads[:, 0] == _UNDERSCORE) * (1 + (heads[:, 1] == _UNDERSCORE))
    return np.asarray(underscores * 4 + _BINDING_RANK[binding], dtype=np.uint8)
