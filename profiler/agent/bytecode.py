"""A compiled program as data: instructions, the maps they refer to, and how both lie in a file.

Instructions name a map by the descriptor it had in the compiling process; here that is taken out and the map's name is
kept beside the instruction's index, so that a loader can put its own descriptor in.
"""

import struct
from dataclasses import dataclass

import msgpack
from pydantic import BaseModel, ConfigDict, Field

from profiler.core.errors import WebprofError

INSTRUCTION_BYTES = 8
# From the kernel's uapi/linux/bpf.h: a 64-bit constant in two instructions, whose source register tells its meaning.
_LOAD_CONSTANT = 0x18
_PLAIN, _MAP_DESCRIPTOR = 0, 1
_INSTRUCTION = struct.Struct("<BBhi")  # code, registers (source in the high half), offset, constant
# The verifier's own limit for privileged programs.
_MAX_BYTES = 1_000_000 * INSTRUCTION_BYTES
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class BytecodeError(WebprofError):
    """Instructions that refer to something else than maps, or data that isn't a compiled program."""


class MapSpec(BaseModel):
    """Sizes in bytes, as bpf(2) takes them."""

    model_config = _STRICT

    type: int = Field(ge=0)
    key_size: int = Field(ge=0)
    value_size: int = Field(ge=0)
    max_entries: int = Field(ge=0)
    flags: int = Field(ge=0)


class Function(BaseModel):
    """`references`: index of an instruction → name of the map whose descriptor it loads."""

    model_config = _STRICT

    instructions: bytes = Field(min_length=INSTRUCTION_BYTES, max_length=_MAX_BYTES)
    references: dict[int, str]

    def linked(self, descriptors: dict[str, int]) -> bytes:
        """The instructions for a process in which the maps have these descriptors."""
        code = bytearray(self.instructions)
        for index, name in self.references.items():
            struct.pack_into("<i", code, index * INSTRUCTION_BYTES + 4, descriptors[name])
        return bytes(code)


class CompiledProgram(BaseModel):
    model_config = _STRICT

    maps: dict[str, MapSpec]
    functions: dict[str, Function]

    def pack(self) -> bytes:
        packed: bytes = msgpack.packb(self.model_dump())
        return packed


@dataclass(frozen=True)
class _Load:
    index: int
    meaning: int
    constant: int


def unpack(data: bytes) -> CompiledProgram:
    """Raises BytecodeError."""
    try:
        program = CompiledProgram.model_validate(msgpack.unpackb(data, strict_map_key=False))
    except (msgpack.UnpackException, ValueError, TypeError) as error:  # TypeError: a map's key is itself a map
        raise BytecodeError(f"no compiled program: {error}") from error
    for name, function in program.functions.items():
        _check(name, function, program.maps)
    return program


def unlink(instructions: bytes, names: dict[int, str]) -> Function:
    """Take the compiling process's descriptors out; `names` has the map of each. Raises BytecodeError."""
    code = bytearray(instructions)
    references = {}
    for load in _constant_loads(instructions):
        if load.meaning == _PLAIN:
            continue
        if load.meaning != _MAP_DESCRIPTOR or load.constant not in names:
            raise BytecodeError(
                f"instruction {load.index} loads {load.constant} of kind {load.meaning}, which is no map"
            )
        references[load.index] = names[load.constant]
        struct.pack_into("<i", code, load.index * INSTRUCTION_BYTES + 4, 0)
    return Function(instructions=bytes(code), references=references)


def _check(name: str, function: Function, maps: dict[str, MapSpec]) -> None:
    if len(function.instructions) % INSTRUCTION_BYTES:
        raise BytecodeError(f"{name} ends within an instruction")
    wanted = {load.index for load in _constant_loads(function.instructions) if load.meaning == _MAP_DESCRIPTOR}
    if wanted != function.references.keys() or not set(function.references.values()) <= maps.keys():
        raise BytecodeError(f"{name} refers to maps that are not there")


def _constant_loads(instructions: bytes) -> list[_Load]:
    """A load's second half looks like an instruction with code 0, so nothing is counted twice."""
    whole = len(instructions) // INSTRUCTION_BYTES * INSTRUCTION_BYTES
    return [
        _Load(index, registers >> 4, constant)
        for index, (code, registers, _, constant) in enumerate(_INSTRUCTION.iter_unpack(instructions[:whole]))
        if code == _LOAD_CONSTANT
    ]
