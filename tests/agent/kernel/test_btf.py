"""Offsets from the running kernel's BTF, and from what is no BTF."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.kernel.btf import KERNEL_BTF, Btf, BtfError, read_once

pytestmark = pytest.mark.skipif(not KERNEL_BTF.exists(), reason="this kernel has no BTF")


@pytest.fixture(scope="module")
def kernel() -> Btf:
    return Btf.of_running_kernel()


@pytest.mark.parametrize(
    ("struct_name", "field", "offset"),
    [
        # Parts of the kernel's ABI, so the same everywhere.
        ("pt_regs", "ip", 128),
        ("pt_regs", "sp", 152),
        ("perf_event_attr", "config", 8),
        ("sockaddr_in", "sin_addr", 4),
    ],
)
def test_fields_that_never_move_are_where_the_abi_says(kernel: Btf, struct_name: str, field: str, offset: int) -> None:
    assert kernel.offset(struct_name, field) == offset


def test_a_field_of_an_embedded_struct_adds_up(kernel: Btf) -> None:
    whole, inner = kernel.offset("task_struct", "thread"), kernel.offset("thread_struct", "fsbase")
    assert kernel.offset("task_struct", "thread.fsbase") == whole + inner


def test_a_field_of_an_unnamed_struct_counts_as_its_owners(kernel: Btf) -> None:
    assert kernel.offset("mm_struct", "exe_file") > 0


@pytest.mark.parametrize(
    ("struct_name", "field"), [("task_struct", "no_such_field_here"), ("no_such_struct_here", "mm")]
)
def test_what_this_kernel_does_not_have_is_named(kernel: Btf, struct_name: str, field: str) -> None:
    with pytest.raises(BtfError, match=r"no_such_(field|struct)_here"):
        kernel.offset(struct_name, field)


def test_names_in_enumerations_have_the_values_of_the_abi(kernel: Btf) -> None:
    assert (kernel.enumerator("BPF_MAP_TYPE_ARRAY"), kernel.enumerator("PIDTYPE_PID")) == (2, 0)
    with pytest.raises(BtfError, match="no_such_enumerator"):
        kernel.enumerator("no_such_enumerator")


@pytest.mark.parametrize("data", [b"", b"\x9f\xeb", bytes(100)])
def test_what_is_no_btf_is_refused(data: bytes) -> None:
    with pytest.raises(BtfError):
        Btf(data)


@given(st.binary(max_size=300))
def test_damaged_btf_gives_an_error_or_an_offset(types: bytes) -> None:
    strings = b"\0task\0mm\0"
    header = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    with contextlib.suppress(BtfError):
        assert Btf(header + types + strings).offset("task", "mm") >= 0


def test_those_who_ask_one_after_the_other_read_it_once_and_nobody_keeps_it() -> None:
    with read_once():
        first = Btf.of_running_kernel()
        assert Btf.of_running_kernel() is first
    assert Btf.of_running_kernel() is not first
