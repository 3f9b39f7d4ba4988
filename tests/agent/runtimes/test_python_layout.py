"""Offsets against the interpreters' own headers, as the compiler sees them."""

import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.runtimes import python_layout
from profiler.agent.runtimes.base import Process
from profiler.agent.runtimes.dynsym import exported
from profiler.agent.runtimes.memory import ProcessMemory
from profiler.agent.runtimes.python_layout import (
    LAYOUTS,
    NO_HOLDER,
    THREAD_KEYS,
    Grouping,
    LayoutError,
    from_debug_offsets,
)
from profiler.agent.runtimes.python_process import InterpreterFinder
from tests.pythons import python

# What the headers of each version call the fields. 3.12 is the last without debug offsets.
OLD = {
    "frame": "PyThreadState, frame", "code": "PyFrameObject, f_code", "previous": "PyFrameObject, f_back",
    "file": "PyCodeObject, co_filename", "name": "PyCodeObject, co_name", "line": "PyCodeObject, co_firstlineno",
}  # fmt: skip
NEW = {
    "holder": "PyThreadState, cframe", "frame": "_PyCFrame, current_frame", "code": "_PyInterpreterFrame, f_code",
    "previous": "_PyInterpreterFrame, previous", "file": "PyCodeObject, co_filename",
    "name": "PyCodeObject, co_qualname", "line": "PyCodeObject, co_firstlineno",
    "stack_top": "PyThreadState, datastack_top", "owner": "_PyInterpreterFrame, owner",
}  # fmt: skip
FIELDS = {
    8: OLD, 9: OLD, 10: OLD,
    11: NEW | {
        "entry": "_PyInterpreterFrame, is_entry", "KEY": "_PyRuntimeState, gilstate.autoTSSkey",
        "size": "PyCodeObject, co_stacksize", "size_more": "PyCodeObject, co_nlocalsplus",
    },
    12: NEW | {
        "entry": "_PyInterpreterFrame, owner", "KEY": "_PyRuntimeState, autoTSSkey",
        "size": "PyCodeObject, co_framesize",
    },
}  # fmt: skip
TEXT = {"length": "PyASCIIObject, length", "state": "PyASCIIObject, state"}
HEADERS = {8: ("frameobject.h", "internal/pycore_pystate.h")} | dict.fromkeys(
    (9, 10, 11, 12), ("frameobject.h", "internal/pycore_runtime.h", "internal/pycore_frame.h")
)


def offsets(minor: int, directory: Path) -> dict[str, int]:
    """What a C compiler says of the installed headers."""
    include = next(python(minor).parent.parent.glob(f"include/python3.{minor}"))
    names = HEADERS[minor]
    fields = {"KEY": "_PyRuntimeState, gilstate.autoTSSkey"} | FIELDS[minor]
    fields |= {f"text.{name}": place for name, place in TEXT.items()}
    lines = [f'printf("{name} %zu\\n", offsetof({place}));' for name, place in fields.items()]
    sizes = 'printf("text.ascii %zu\\ntext.wide %zu\\n", sizeof(PyASCIIObject), sizeof(PyCompactUnicodeObject));'
    source = "#define Py_BUILD_CORE 1\n#include <Python.h>\n#include <stddef.h>\n#include <stdio.h>\n"
    there = [name for name in names if (include / name).exists()]
    source += "".join(f"#include <{name}>\n" for name in there) + f"int main(void) {{ {' '.join(lines)} {sizes} }}\n"
    (directory / "offsets.c").write_text(source)
    command = ["gcc", f"-I{include}", f"-I{include}/internal", "-o", "offsets", "offsets.c"]
    subprocess.run(command, cwd=directory, check=True)
    output = subprocess.run([directory / "offsets"], capture_output=True, text=True, check=True).stdout
    return {name: int(value) for name, value in (line.split() for line in output.splitlines())}


@contextmanager
def running_python(minor: int) -> Iterator[Process]:
    """An interpreter that has started."""
    code = "print(flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([python(minor), "-c", code], stdin=pipe, stdout=pipe) as program:
        assert program.stdout is not None
        program.stdout.readline()
        try:
            yield Process.of(program.pid)
        finally:
            program.kill()


def starts(pid: int, name: str) -> list[int]:
    """Where a file's mappings start, data included."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return [int(line.partition("-")[0], 16) for line in lines if line.endswith(name)]


@pytest.mark.parametrize("minor", LAYOUTS)
def test_every_offset_is_the_headers(minor: int, tmp_path: Path) -> None:
    layout = LAYOUTS[minor]
    ours = {name: getattr(layout, name) for name in FIELDS[minor] if name != "KEY"} | {"KEY": THREAD_KEYS[minor]}
    ours |= {f"text.{name}": getattr(layout.text, name) for name in ("length", "state", "ascii", "wide")}
    assert ours == offsets(minor, tmp_path)


def test_313_says_where_its_fields_are() -> None:
    with running_python(13) as process:
        found = InterpreterFinder().find(process)
    assert found is not None
    layout = found.layout
    assert found.minor == 13
    assert (layout.holder, layout.frame, layout.grouping) == (NO_HOLDER, 72, Grouping.OWNER)
    assert (layout.code, layout.previous, layout.entry) == (0, 8, 70)
    assert (layout.file, layout.name, layout.line) == (112, 128, 68)
    assert (layout.text.ascii, layout.text.wide) == (40, 56)
    assert (layout.stack_top, layout.owner, layout.size) == (240, 70, 76)


def test_the_discovered_thread_key_is_the_one_that_313_has_noted_down() -> None:
    with running_python(13) as process:
        found = InterpreterFinder().find(process)
        assert found is not None
        library = max(process.mappings, key=lambda mapping: "libpython" in mapping.name)
        with Path(library.name).open("rb") as file:
            runtime = exported(lambda offset, size: os.pread(file.fileno(), size, offset), ["_PyRuntime"])["_PyRuntime"]
        first = min(starts(process.pid, library.name))
        with ProcessMemory(process.pid) as memory:
            noted = memory.word(first + runtime + 2160)  # offsetof(_PyRuntimeState, autoTSSkey) in 3.13
    assert noted & 0xFFFF_FFFF == 1
    assert found.thread_state == 0x310 + 16 * (noted >> 32) + 8


def test_314_says_where_its_fields_are() -> None:
    with running_python(14) as process:
        found = InterpreterFinder().find(process)
    assert found is not None
    layout = found.layout
    assert (found.minor, layout.frame, layout.code, layout.previous, layout.owner) == (14, 72, 0, 8, 74)
    assert (layout.stack_top, layout.size, layout.file, layout.name, layout.line) == (240, 76, 112, 128, 68)
    assert (layout.text.ascii, layout.text.wide) == (40, 56)


def test_314_has_more_fields_in_between() -> None:
    names = python_layout._members(14)
    values = {"cookie": int.from_bytes(b"xdebugpy", "little"), "version": 0x030E00F0, "thread.current_frame": 72,
              "frame.executable": 0, "frame.previous": 8, "frame.owner": 74, "code.filename": 112,
              "code.qualname": 128, "code.firstlineno": 68, "text.length": 16, "text.state": 32,
              "text.asciiobject_size": 40, "thread.thread_id": 152, "thread.datastack_chunk": 232}  # fmt: skip
    data = struct.pack(f"<{len(names)}Q", *(values.get(name, 0) for name in names))
    minor, layout, threads = from_debug_offsets(data.ljust(1024, b"\0"))
    assert (minor, layout.entry, layout.name, threads.thread_id, layout.stack_top) == (14, 74, 128, 152, 240)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"xdebugpy" + struct.pack("<Q", 0x031000F0), "Python 3.16 is not known yet"),
        (b"xdebugpy" + struct.pack("<Q", 0x030D00F0), "cut short"),
        ((b"xdebugpy" + struct.pack("<QQ", 0x030D00F0, 0)).ljust(1024, b"\xff"), "make no sense"),
        ((b"xdebugpy" + struct.pack("<QQ", 0x030E00F0, 1)).ljust(1024, b"\0"), "3.14 without the GIL is not read yet"),
    ],
)
def test_debug_offsets_that_cannot_be_used_say_why(data: bytes, text: str) -> None:
    with pytest.raises(LayoutError, match=text):
        from_debug_offsets(data)
