"""From addresses of compiled programs to the functions that people wrote."""

import os
import subprocess
from pathlib import Path

import pytest

from profiler.core.errors import WebprofError
from profiler.debuginfo.debug_file import DebugFile
from profiler.debuginfo.elf import ElfError
from profiler.debuginfo.source_frame import SourceFrame
from profiler.debuginfo.worker import DwarfWorker
from tests.debuginfo.programs import code_of, compiled, compiled_rust, line_of


def chains(path: Path, code: range) -> set[str]:
    """Every chain of functions in the code, as text: outermost first, inlined ones in parentheses."""
    with DebugFile(path) as file:
        found = file.frames_of(list(code))
        assert file.problem == ""
    return {" → ".join(map(_text, reversed(chain))) for chain in found}


def _text(frame: SourceFrame) -> str:
    text = f"{frame.name} {Path(frame.file).name}:{frame.line}"
    return f"({text})" if frame.inlined else text


def test_functions_inlined_into_c_code_are_told_with_the_lines_where_they_begin(tmp_path: Path) -> None:
    program = compiled("inlined.c", tmp_path)
    spin, twice, mix = (line_of("inlined.c", text) for text in ("unsigned spin(", "unsigned twice(", "unsigned mix("))
    assert chains(program, code_of(program, "spin")) == {
        f"spin inlined.c:{spin}",
        f"spin inlined.c:{spin} → (twice inlined.c:{twice})",
        f"spin inlined.c:{spin} → (twice inlined.c:{twice}) → (mix inlined.c:{mix})",
    }


def test_an_instruction_of_an_inlined_function_is_its_own_and_not_its_callers(tmp_path: Path) -> None:
    """As addr2line of binutils tells it, address by address."""
    program = compiled("inlined.c", tmp_path)
    code = code_of(program, "spin")
    with DebugFile(program) as file:
        ours = [[frame.name for frame in chain] for chain in file.frames_of(list(code))]
    command = ["addr2line", "-f", "-i", "-a", "-e", str(program), *map(hex, code)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = [block.splitlines()[1::2] for block in text.split("0x")[1:]]
    assert ours == theirs


def test_c_plus_plus_templates_have_their_full_names(tmp_path: Path) -> None:
    program = compiled("templates.cpp", tmp_path)
    found = chains(program, code_of(program, "shop::Basket<double>::total(unsigned int) const"))
    total, weighed = (line_of("templates.cpp", text) for text in ("Item total(", "Item weighed("))
    assert (
        f"shop::Basket<double>::total(unsigned int) const templates.cpp:{total}"
        f" → (shop::Basket<double>::weighed(double, unsigned int) templates.cpp:{weighed})"
    ) in found


@pytest.mark.parametrize(
    ("mangling", "area", "folded"),
    [
        ("v0", "<shapes::Square as shapes::Shape>::area", "shapes::folded"),
        ("legacy", "<shapes::Square as shapes::Shape>::area", "shapes::folded"),
    ],
)
def test_rust_names_of_both_manglings(tmp_path: Path, mangling: str, area: str, folded: str) -> None:
    program = compiled_rust("shapes.rs", tmp_path, mangling)
    symbols = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout
    line = next(line for line in symbols.splitlines() if "Square" in line and "area" in line)
    start, size = (int(text, 16) for text in line.split()[:2])
    found = chains(program, range(start, start + size))
    lines = (line_of("shapes.rs", "fn area(&self, rounds: u64) -> u64 {"), line_of("shapes.rs", "fn folded("))
    assert f"{area} shapes.rs:{lines[0]} → ({folded} shapes.rs:{lines[1]})" in found


@pytest.mark.parametrize("options", [("-gdwarf-4",), ("-gdwarf-5",), ("-gz=zlib",), ("-g1",), ("-flto",), ("-static",)])
def test_however_the_debug_information_is_written(tmp_path: Path, options: tuple[str, ...]) -> None:
    program = compiled("inlined.c", tmp_path, *options)
    names = {
        chain.partition(" ")[0] + "…" + str(chain.count("→")) for chain in chains(program, code_of(program, "spin"))
    }
    assert names == {"spin…0", "spin…1", "spin…2"}


def test_a_separate_debug_file_answers_for_its_program(tmp_path: Path) -> None:
    program = compiled("inlined.c", tmp_path)
    whole = chains(program, code_of(program, "spin"))
    debug = tmp_path / "inlined.debug"
    subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
    assert chains(debug, code_of(program, "spin")) == whole


def test_a_program_without_debug_information_has_the_names_of_its_symbols(tmp_path: Path) -> None:
    program = compiled("inlined.c", tmp_path, "-g0")
    with DebugFile(program) as file:
        assert file.frames_at(code_of(program, "spin")[5]) == (SourceFrame("spin"),)
        assert file.frames_at(1 << 40) == ()
        assert "no DWARF debug information" in file.problem


def test_a_file_cut_short_is_refused_or_answers_but_never_ends_the_caller(tmp_path: Path) -> None:
    program = compiled("inlined.c", tmp_path)
    code = code_of(program, "spin")
    data = program.read_bytes()
    with DwarfWorker() as worker:
        for size in range(0, len(data), len(data) // 40):
            cut = tmp_path / f"cut{size}"
            cut.write_bytes(data[:size])
            try:
                with DebugFile(cut, worker=worker) as file:
                    file.frames_of(list(code))
            except WebprofError:
                continue


def test_a_file_that_was_cut_meanwhile_keeps_the_names_of_its_symbols(tmp_path: Path) -> None:
    program = compiled("inlined.c", tmp_path, "-static")
    spin, main = code_of(program, "spin"), code_of(program, "main")
    with DwarfWorker() as worker, DebugFile(program, worker=worker) as file:
        assert file.frames_at(spin[0])[-1].line == line_of("inlined.c", "unsigned spin(")
        os.truncate(program, 4096)  # the worker has it mapped
        assert file.frames_at(main[0]) == (SourceFrame("main"),)
        assert file.problem
        other = compiled("templates.cpp", tmp_path)
        with DebugFile(other, worker=worker) as second:
            assert second.frames_at(code_of(other, "main")[0])[-1].line


@pytest.mark.parametrize("nothing", [b"", b"\x7fELF", b"no program at all" * 1000])
def test_what_is_no_elf_file_is_refused(tmp_path: Path, nothing: bytes) -> None:
    (tmp_path / "file").write_bytes(nothing)
    with pytest.raises(ElfError):
        DebugFile(tmp_path / "file")
