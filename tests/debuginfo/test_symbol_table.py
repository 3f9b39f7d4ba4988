"""Which symbol an address belongs to."""

import numpy as np
import pytest

from profiler.debuginfo.elf import SYMBOL, SectionHeader
from profiler.debuginfo.packed_text import BLOCK_BYTES
from profiler.debuginfo.symbol_table import SymbolTable

FUNC, IFUNC, OBJECT, NOTYPE = 2, 10, 1, 0
LOCAL, GLOBAL, WEAK = 0, 1, 2


def table(*symbols: tuple[str, int, int, int, int], padding: int = 1) -> SymbolTable:
    """From (name, address, size, type, binding). `padding`: bytes before the first name."""
    strings, rows = bytes(padding), []
    for name, value, size, kind, binding in symbols:
        rows.append((len(strings), binding << 4 | kind, 0, 1, value, size))
        strings += name.encode() + b"\0"
    records = np.array(rows, dtype=SYMBOL).tobytes()
    data = records + strings
    found = SymbolTable.read(
        lambda offset, size: data[offset : offset + size], section(0, len(records)), section(len(records), len(strings))
    )
    assert found is not None
    return found


def section(offset: int, size: int) -> SectionHeader:
    return SectionHeader(name=0, kind=0, vaddr=0, offset=offset, size=size, link=0)


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


def test_a_name_may_begin_in_one_block_and_end_in_the_next() -> None:
    for before in range(BLOCK_BYTES - 8, BLOCK_BYTES + 2):
        symbols = table(
            ("__hidden", 100, 10, FUNC, GLOBAL), ("shown", 100, 10, FUNC, WEAK), ("next", 300, 5, FUNC, LOCAL),
            padding=before,
        )  # fmt: skip
        assert (symbols.find(100), symbols.find(300)) == (b"shown", b"next")


def test_addresses_more_than_four_gigabytes_apart_are_told_apart() -> None:
    symbols = table(("low", 100, 10, FUNC, GLOBAL), ("high", 100 + 2**32, 10, FUNC, GLOBAL))
    assert [symbols.find(at) for at in (99, 105, 100 + 2**32, 2**40)] == [None, b"low", b"high", None]


def test_names_are_kept_in_a_fraction_of_their_length() -> None:
    symbols = table(
        *((f"_ZN4shop8Checkout{i:06}totalERKSt6vectorI4ItemE", 16 * i, 16, FUNC, GLOBAL) for i in range(5000))
    )
    assert symbols.find(16 * 4321) == b"_ZN4shop8Checkout004321totalERKSt6vectorI4ItemE"
    assert symbols.nbytes < 5000 * 25


def test_more_functions_than_any_program_has_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profiler.debuginfo.symbol_table.MAX_FUNCTIONS", 2)
    three = np.array([(1, FUNC, 0, 1, address, 1) for address in (10, 20, 30)], dtype=SYMBOL).tobytes()
    data = three + b"\0f\0"
    read = SymbolTable.read(
        lambda offset, size: data[offset : offset + size], section(0, len(three)), section(len(three), 3)
    )
    assert read is None
