"""Kernel symbols out of the text of /proc/kallsyms."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.symbols.kallsyms import KernelSymbols
from profiler.core.frame import Frame, FrameKind

TEXT = b"""\
ffffffff81000000 T _stext
ffffffff81000000 t alias_of_stext
ffffffff81000100 D a_variable
ffffffff81000200 t do_work
ffffffffc0000000 t nft_do_chain\t[nf_tables]
"""


def test_an_address_belongs_to_the_function_before_it() -> None:
    symbols = KernelSymbols.parse(TEXT)
    assert symbols.frame(0xFFFFFFFF81000210) == Frame("do_work", FrameKind.KERNEL, "[kernel]")
    assert symbols.frame(0xFFFFFFFF81000000).name == "_stext"


def test_data_is_no_function() -> None:
    assert KernelSymbols.parse(TEXT).frame(0xFFFFFFFF81000180).name == "_stext"


def test_a_module_is_named() -> None:
    assert KernelSymbols.parse(TEXT).frame(0xFFFFFFFFC0000001) == Frame("nft_do_chain", FrameKind.KERNEL, "nf_tables")


def test_an_address_outside_is_shown_as_it_is() -> None:
    for address in (0x1000, 0xFFFFFFFFFF000000):
        frame = KernelSymbols.parse(TEXT).frame(address)
        assert (frame.name, frame.offset) == (f"[kernel]+{address:#x}", address)


def test_hidden_addresses_give_no_symbols() -> None:
    assert len(KernelSymbols.parse(b"0000000000000000 T _stext\n0000000000000000 t do_work\n")) == 0


def test_the_last_line_needs_no_newline() -> None:
    assert KernelSymbols.parse(TEXT.rstrip(b"\n")).frame(0xFFFFFFFFC0000001).name == "nft_do_chain"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    KernelSymbols.parse(data).frame(0xFFFFFFFF81000000)


def test_symbols_of_the_running_kernel_are_those_of_its_file() -> None:
    lines = [line.split(b" ", 2) for line in Path("/proc/kallsyms").read_bytes().splitlines()]
    first: dict[int, str] = {}
    for address, kind, rest in lines:
        if kind in (b"t", b"T", b"w", b"W"):
            first.setdefault(int(address, 16), rest.partition(b"\t")[0].decode())
    if 0 in first:
        pytest.skip("needs the right to see the kernel's addresses")
    symbols = KernelSymbols.of_running_kernel()
    for place in list(first)[:: len(first) // 500]:
        assert symbols.frame(place).name == first[place]
