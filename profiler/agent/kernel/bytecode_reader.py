"""Compiled programs from outside: a file of the cache, or what the compiling process wrote."""

from dataclasses import astuple

import msgpack
from pydantic import TypeAdapter

from profiler.agent.kernel.bytecode import (
    INSTRUCTION_BYTES,
    BytecodeError,
    CompiledProgram,
    Function,
    MapSpec,
    constant_loads,
)

# The verifier's own limit for privileged programs.
MAX_INSTRUCTIONS = 1_000_000
_PROGRAM = TypeAdapter(CompiledProgram)


def unpack(data: bytes) -> CompiledProgram:
    """Raises BytecodeError."""
    try:
        program = _PROGRAM.validate_python(msgpack.unpackb(data, strict_map_key=False))
    except (msgpack.UnpackException, ValueError, TypeError) as error:  # TypeError: a map's key is itself a map
        raise BytecodeError(f"no compiled program: {error}") from error
    for name, spec in program.maps.items():
        if min(astuple(spec)) < 0:
            raise BytecodeError(f"map {name} has a negative size: {spec}")
    for name, function in program.functions.items():
        _check(name, function, program.maps)
    return program


def _check(name: str, function: Function, maps: dict[str, MapSpec]) -> None:
    if len(function.instructions) % INSTRUCTION_BYTES:
        raise BytecodeError(f"{name} ends within an instruction")
    if not 0 < len(function.instructions) <= MAX_INSTRUCTIONS * INSTRUCTION_BYTES:
        raise BytecodeError(f"{name} has {len(function.instructions)} bytes of instructions")
    wanted = {load.index for load in constant_loads(function.instructions) if load.is_map}
    if wanted != function.references.keys() or not set(function.references.values()) <= maps.keys():
        raise BytecodeError(f"{name} refers to maps that are not there")
