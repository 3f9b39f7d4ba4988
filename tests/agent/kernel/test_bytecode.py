"""Instructions without descriptors, put together again; and data that is no program."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.kernel.bytecode import BytecodeError, CompiledProgram, Function, MapSpec, unlink
from profiler.agent.kernel.bytecode_reader import unpack

HASH = MapSpec(type=1, key_size=4, value_size=8, max_entries=16, flags=0)
EXIT = struct.pack("<BBhi", 0x95, 0, 0, 0)


def load(source: int, constant: int) -> bytes:
    """A 64-bit constant in two instructions."""
    return struct.pack("<BBhi", 0x18, source << 4 | 1, 0, constant) + struct.pack("<BBhi", 0, 0, 0, 0)


def program(**functions: Function) -> CompiledProgram:
    return CompiledProgram(maps={"counts": HASH}, functions=functions)


def test_a_map_is_named_instead_of_numbered_and_numbered_again() -> None:
    function = unlink(load(1, 7) + load(0, 7) + EXIT, {7: "counts"})
    assert function.references == {0: "counts"}
    assert function.instructions == load(1, 0) + load(0, 7) + EXIT
    assert function.linked({"counts": 42}) == load(1, 42) + load(0, 7) + EXIT


@pytest.mark.parametrize("code", [load(1, 8), load(2, 7), load(4, 7)])
def test_a_reference_that_cannot_be_moved_is_refused(code: bytes) -> None:
    with pytest.raises(BytecodeError, match="instruction 0"):
        unlink(code + EXIT, {7: "counts"})


def test_packing_and_unpacking_changes_nothing() -> None:
    whole = program(sample=unlink(load(1, 7) + EXIT, {7: "counts"}))
    assert unpack(whole.pack()) == whole


@pytest.mark.parametrize(
    "function",
    [
        Function(instructions=load(1, 0) + EXIT, references={}),
        Function(instructions=load(1, 0) + EXIT, references={0: "no_such_map"}),
        Function(instructions=EXIT, references={5: "counts"}),
        Function(instructions=EXIT + b"\x95", references={}),
        Function(instructions=b"", references={}),
    ],
)
def test_a_program_whose_references_do_not_fit_is_refused(function: Function) -> None:
    with pytest.raises(BytecodeError, match="sample"):
        unpack(program(sample=function).pack())


def test_a_map_of_negative_size_is_refused() -> None:
    maps = {"counts": MapSpec(type=1, key_size=4, value_size=8, max_entries=-1, flags=0)}
    with pytest.raises(BytecodeError, match="map counts has a negative size"):
        unpack(CompiledProgram(maps=maps, functions={}).pack())


def test_a_map_whose_key_is_a_map_is_refused() -> None:
    with pytest.raises(BytecodeError, match="no compiled program"):
        unpack(b"\x81\x80\x00")


@given(st.binary(max_size=200))
def test_other_data_is_refused(data: bytes) -> None:
    with pytest.raises(BytecodeError):
        unpack(data)


@given(st.data())
def test_a_damaged_program_is_refused_or_still_fits_together(data: st.DataObject) -> None:
    packed = bytearray(program(sample=unlink(load(1, 7) + EXIT, {7: "counts"})).pack())
    packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BytecodeError):
        for function in (found := unpack(bytes(packed))).functions.values():
            function.linked(dict.fromkeys(found.maps, 1))
