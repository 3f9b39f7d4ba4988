"""Which symbol an address belongs to."""

import numpy as np

from profiler.debuginfo.symbol_table import SymbolTable

FUNC, IFUNC, OBJECT, NOTYPE = 2, 10, 1, 0
LOCAL, GLOBAL, WEAK = 0, 1, 2


def table(*symbols: tuple[str, int, int, int, int]) -> SymbolTable:
    """From (name, address, size, type, binding)."""
    strings, offsets = b"\0", []
    for name, *_ in symbols:
        offsets.append(len(strings))
        strings += name.encode() + b"\0"
    _, value, size, kind, binding = zip(*symbols, strict=True)
    info = np.array([b << 4 | k for b, k in zip(binding, kind, strict=True)], dtype=np.uint8)
    return SymbolTable.from_symbols(
        np.array(value, dtype=np.uint64), np.array(size, dtype=np.uint64), info,
        np.ones(len(symbols), dtype=np.uint16), np.array(offsets, dtype=np.uint32), strings,
    )  # fmt: skip


def test_between_two_functions_is_no_function() -> None:
    symbols = table(("a", 100, 10, FUNC, GLOBAL), ("b", 200, 10, FUNC, GLOBAL))
    assert [symbols.find(at) for at in (99, 100, 109, 110, 200)] == [None, b"a", b"a", None, b"b"]


def test_only_functions_count() -> None:
    symbols = table(("data", 100, 10, OBJECT, GLOBAL), ("label", 100, 0, NOTYPE, GLOBAL), ("f", 300, 5, IFUNC, GLOBAL))
    assert (symbols.find(105), symbols.find(300)) == (None, b"f")


def test_a_function_without_a_size_reaches_to_the_next_one() -> None:
    symbols = table(("start", 100, 0, FUNC, GLOBAL), ("next", 120, 10, FUNC, GLOBAL), ("last", 500, 0, FUNC, GLOBAL))
    assert (symbols.find(119), symbols.find(120), symbols.find(500 + 4095)) == (b"start", b"next", b"last")
    assert symbols.find(500 + 4096) is None


def test_behind_a_function_inside_another_the_outer_one_is_found() -> None:
    symbols = table(("outer", 100, 100, FUNC, GLOBAL), ("inner", 120, 10, FUNC, LOCAL))
    assert (symbols.find(125), symbols.find(150)) == (b"inner", b"outer")


def test_of_aliases_the_public_name_is_shown() -> None:
    symbols = table(
        ("__GI_read", 100, 10, FUNC, LOCAL), ("__read", 100, 10, FUNC, GLOBAL), ("read", 100, 10, FUNC, WEAK)
    )
    assert symbols.find(100) == b"read"


def test_a_size_that_wraps_around_matches_nothing_else() -> None:
    symbols = table(("huge", 2**64 - 16, 2**63, FUNC, GLOBAL), ("f", 10, 5, FUNC, GLOBAL))
    assert (symbols.find(12), symbols.find(20)) == (b"f", None)


def test_an_empty_table_finds_nothing() -> None:
    assert SymbolTable.empty().find(1) is None
