"""Compiling, in the process that compiler_process.py starts for it. BCC is loaded here and nowhere else.

Reads the options on stdin and writes a compiled program to stdout. BCC creates the program's maps while it compiles, so
this needs root too. It imports little: the first recording waits for it.
"""

import contextlib
import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

from profiler.agent.kernel.bcc_binding import load_bcc
from profiler.agent.kernel.bytecode import BytecodeError, CompiledProgram, Function, MapSpec, unlink
from profiler.agent.kernel.program_source import BPF_DIRECTORY, ProgramOptions, program_source
from profiler.core.errors import WebprofError


class CompileError(WebprofError):
    """The program was not compiled. The text has the compiler's last words."""


def compile_here(options: ProgramOptions) -> CompiledProgram:
    """Loads libbcc into this process for good. Raises CompileError and BindingError."""
    bcc = load_bcc()
    # BCC reads it while it compiles: our stub headers instead of the kernel's.
    os.environ["BCC_KERNEL_SOURCE"] = str(BPF_DIRECTORY)

    class Module(bcc.BPF):  # type: ignore[misc, name-defined]  # BCC has no types
        def _trace_autoload(self) -> None:
            """Nothing is loaded, let alone attached: only the instructions are wanted."""

    try:
        module = Module(text=program_source(options).encode(), cflags=options.cflags())
    except Exception as error:  # BCC raises bare Exception
        raise CompileError(f"BCC: {error}") from error
    descriptors = _map_descriptors(bcc, module)
    names = {descriptor: name for name, descriptor in descriptors.items()}
    return CompiledProgram(
        maps={name: _map_spec(descriptor) for name, descriptor in descriptors.items()},
        functions={name: _function(module, name, names) for name in _function_names(bcc, module)},
    )


def _function(module: Any, name: str, names: dict[int, str]) -> Function:
    try:
        return unlink(module.dump_func(name.encode()), names)
    except BytecodeError as error:
        raise CompileError(f"{name}: {error}") from error


def _function_names(bcc: Any, module: Any) -> list[str]:
    return [
        bcc.lib.bpf_function_name(module.module, i).decode() for i in range(bcc.lib.bpf_num_functions(module.module))
    ]


def _map_descriptors(bcc: Any, module: Any) -> dict[str, int]:
    """By name. The bindings only look a map up by a name that one knows; libbcc lists them."""
    library = bcc.lib
    library.bpf_num_tables.restype, library.bpf_num_tables.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
    library.bpf_table_name.restype = ctypes.c_char_p
    library.bpf_table_name.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    names = [library.bpf_table_name(module.module, i) for i in range(library.bpf_num_tables(module.module))]
    return {name.decode(): library.bpf_table_fd(module.module, name) for name in names}


def _map_spec(descriptor: int) -> MapSpec:
    """What the kernel says it made."""
    lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
    fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return MapSpec(
        type=int(fields["map_type"]),
        key_size=int(fields["key_size"]),
        value_size=int(fields["value_size"]),
        max_entries=int(fields["max_entries"]),
        flags=int(fields["map_flags"], 0),
    )


def _serve() -> int:
    # What C code prints must not get between the program's bytes.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    try:
        program = compile_here(
            ProgramOptions(frozenset(request["switches"]), request["sizes"], tuple(request["files"]))
        )
    except WebprofError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with contextlib.closing(sink):
        sink.write(program.pack())
    return 0


if __name__ == "__main__":
    sys.exit(_serve())
