"""Compiling in a process of its own: BCC and its compiler take 60 MB and more, and leave with the process."""

import json
import subprocess
import sys
from pathlib import Path

from profiler.agent.kernel import compiler
from profiler.agent.kernel.bytecode import BytecodeError, CompiledProgram
from profiler.agent.kernel.bytecode_reader import unpack
from profiler.agent.kernel.compiler import CompileError
from profiler.agent.kernel.program_source import ProgramOptions

# Compiling takes 1 s on an idle CPU, 7 s on a busy one.
COMPILE_TIMEOUT_S = 120
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]
# What the compiler says of one mistake fits; a person reads it in an error message.
_MESSAGE_CHARACTERS = 1000


def compile_in_child(options: ProgramOptions) -> CompiledProgram:
    """Raises CompileError."""
    request = json.dumps(
        {"switches": sorted(options.switches), "sizes": options.sizes, "files": options.files}
    ).encode()
    command = [sys.executable, "-m", compiler.__name__]
    try:
        child = subprocess.run(
            command, check=False, cwd=_PACKAGE_ROOT, input=request, capture_output=True, timeout=COMPILE_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise CompileError(f"compiling did not end within {COMPILE_TIMEOUT_S} s") from error
    except OSError as error:
        raise CompileError(f"the compiler's process could not be started: {error}") from error
    said = child.stderr.decode(errors="replace").strip()[-_MESSAGE_CHARACTERS:]
    if child.returncode:
        raise CompileError(f"compiling {options.files[-1]} ended with status {child.returncode}: {said}")
    try:
        return unpack(child.stdout)
    except BytecodeError as error:
        raise CompileError(f"the compiler's process gave {error}; it said: {said}") from error
