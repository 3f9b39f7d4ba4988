"""Programs with known functions, compiled when a test needs them."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

WORKLOADS = Path(__file__).parent.parent / "workloads"


def compiled(source: str, directory: Path, *options: str) -> Path:
    """The program of a workload in C or C++, optimised, with debug information unless the options say otherwise."""
    compiler = "g++" if source.endswith(".cpp") else "gcc"
    program = directory / Path(source).stem
    subprocess.run([compiler, "-O2", "-g", *options, "-o", program, WORKLOADS / source], check=True)
    return program


def compiled_rust(source: str, directory: Path, mangling: str) -> Path:
    if shutil.which("rustc") is None:
        pytest.skip("no rustc here")
    program = directory / Path(source).stem
    options = ["-O", "-g", "-Z", "unstable-options", "-C", f"symbol-mangling-version={mangling}"]
    environment = {"RUSTC_BOOTSTRAP": "1"}  # older mangling is no stable option any more
    command = ["rustc", *options, "-o", str(program), str(WORKLOADS / source)]
    subprocess.run(command, check=True, env={**os.environ, **environment})
    return program


def code_of(program: Path, function: str) -> range:
    """The addresses of a function, by its name as nm shows it demangled."""
    lines = subprocess.run(["nm", "-S", "-C", program], capture_output=True, text=True, check=True).stdout.splitlines()
    for line in lines:
        start, size, _, name = [*line.split(None, 3), "", "", ""][:4]
        if name == function:
            return range(int(start, 16), int(start, 16) + int(size, 16))
    raise LookupError(f"{program} has no function {function}")


def line_of(source: str, text: str) -> int:
    """The number of the first line of a workload that contains the text."""
    lines: Sequence[str] = (WORKLOADS / source).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)
