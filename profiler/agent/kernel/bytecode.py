"""A compiled program as data: instructions, the maps they refer to, and how both lie in a file.

Instructions name a map by the descriptor it had in the compiling process; here that is taken out and the map's name is
kept beside the instruction's index, so that a loader can put its own descriptor in.
"""

import struct
from dataclasses import asdict, dataclass

import msgpack

from profiler.core.errors import WebprofError

INSTRUCTION_BYTES = 8
# From the kernel's uapi/linux/bpf.h: a 64-bit constant in two instructions, whose source register tells its meaning.
_LOAD_CONSTANT = 0x18
_PLAIN, _MAP_DESCRIPTOR = 0, 1
_INSTRUCTION = struct.Struct("<BBhi")  # code, registers (source in the high half), offset, constant


class BytecodeError(WebprofError):
    """Instructions that refer to something else than maps, or data that isn't a compiled program."""


@dataclass(frozen=True)
class MapSpec:
    """Sizes in bytes, as bpf(2) takes them."""

    type: int
    key_size: int
    value_size: int
    max_entries: int
    flags: int


@dataclass(frozen=True)
class Function:
    """`references`: index of an instruction → name of the map whose descriptor it loads."""

    instructions: bytes
    references: dict[int, str]

    def linked(self, descriptors: dict[str, int]) -> bytes:
        """The instructions for a process in which the maps have these descriptors."""
        code = bytearray(self.instructions)
        for index, name in self.references.items():
            struct.pack_into("<i", code, index * INSTRUCTION_BYTES + 4, descriptors[name])
        return bytes(code)


@dataclass(frozen=True)
class CompiledProgram:
    """What it holds is checked by `bytecode_reader.unpack`, where it comes from a file or another process."""

    maps: dict[str, MapSpec]
    functions: dict[str, Function]

    def pack(self) -> bytes:
        packed: bytes = msgpack.packb(asdict(self))
        return packed


@dataclass(frozen=True)
class ConstantLoad:
    """An instruction that loads a 64-bit constant."""

    index: int
    meaning: int
    constant: int

    @property
    def is_map(self) -> bool:
        return self.meaning == _MAP_DESCRIPTOR


def unlink(instructions: bytes, names: dict[int, str]) -> Function:
    """Take the compiling process's descriptors out; `names` has the map of each. Raises BytecodeError."""
    code = bytearray(instructions)
    references = {}
    for load in constant_loads(instructions):
        if load.meaning == _PLAIN:
            continue
        if not load.is_map or load.constant not in names:
            raise BytecodeError(
                f"instruction {load.index} loads {load.constant} of kind {load.meaning}, which is no map"
            )
        references[load.index] = names[load.constant]
        struct.pack_into("<i", code, load.index * INSTRUCTION_BYTES + 4, 0)
    return Function(instructions=bytes(code), references=references)


def constant_loads(instructions: bytes) -> list[ConstantLoad]:
    """A load's second half looks like an instruction with code 0, so nothing is counted twice."""
    whole = len(instructions) // INSTRUCTION_BYTES * INSTRUCTION_BYTES
    return [
        ConstantLoad(index, registers >> 4, constant)
        for index, (code, registers, _, constant) in enumerate(_INSTRUCTION.iter_unpack(instructions[:whole]))
        if code == _LOAD_CONSTANT
    ]
