"""Loading the program: without BCC in this process, from the cache or compiled, and refusals in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from profiler.agent.kernel.bytecode import CompiledProgram, Function
from profiler.agent.kernel.bytecode_cache import BytecodeCache
from profiler.agent.kernel.compiler import CompileError
from profiler.agent.kernel.compiler_process import compile_in_child
from profiler.agent.kernel.loaded_program import LoadedProgram, LoadError
from profiler.agent.kernel.program import SamplingProgram, compiled_program
from profiler.agent.kernel.program_source import CPU_SAMPLE, MAP_HEADERS, PACKAGE, ProgramOptions, source_files
from profiler.agent.sampling.filters import program_options
from profiler.agent.unwind import unwinder
from profiler.core.spec import RecordingSpec
from tests.bpf.test_recording import own_programs

pytestmark = pytest.mark.bpf

# A start may take 0.4 s of CPU in all; the verifier checks 2.5 million instructions a second.
MAX_VERIFIED_INSTRUCTIONS = 200_000

ROOT = Path(__file__).parent.parent.parent
OPTIONS = program_options(RecordingSpec(), None, 4 << 20)
RECORDS = """
import os, sys
from profiler.agent.checks.selftest import run_self_test
assert run_self_test() > 0
print("bcc" in sys.modules, any("libbcc" in line or "libLLVM" in line for line in open("/proc/self/maps")))
"""


def records(cache: Path, hidden: str = "") -> "subprocess.CompletedProcess[str]":
    """A recording in a fresh process, with a directory hidden from it."""
    hide = f"mount -t tmpfs none {hidden} && " if hidden else ""
    command = f'{hide}WEBPROF_DATA={cache} exec {sys.executable} -c "$CODE"'
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", command], cwd=ROOT, env={"CODE": RECORDS, "PATH": "/usr/bin:/bin:/usr/sbin"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_recording_brings_neither_bcc_nor_llvm_into_its_process(tmp_path: Path) -> None:
    for _ in ("compiled", "cached"):
        done = records(tmp_path)
        assert (done.stdout.strip(), done.returncode) == ("False False", 0), done.stderr


def test_a_cached_program_records_where_no_compiler_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = BytecodeCache(tmp_path / "bytecode")
    SamplingProgram(OPTIONS, cache).close()
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    SamplingProgram(OPTIONS, cache).close()
    with pytest.raises(CompileError, match="could not be started"):
        compile_in_child(OPTIONS)


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    program = SamplingProgram(OPTIONS, BytecodeCache(tmp_path / "file" / "bytecode"))
    assert own_programs()
    program.close()
    assert not own_programs()


def test_a_damaged_file_is_compiled_anew(tmp_path: Path) -> None:
    cache = BytecodeCache(tmp_path)
    SamplingProgram(OPTIONS, cache).close()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    SamplingProgram(OPTIONS, cache).close()
    assert file.read_bytes() == whole


def test_what_does_not_compile_is_told_in_the_compilers_words() -> None:
    without_sizes = ProgramOptions()
    with pytest.raises(CompileError, match="undeclared identifier"):
        compile_in_child(without_sizes)


def test_a_program_the_verifier_refuses_is_told_in_its_words() -> None:
    reads_nothing = bytes([0x61, 0x00]) + bytes(6)  # r0 = *(u32 *)(r0 + 0), without r0
    refused = CompiledProgram(
        maps={}, functions={"sample": Function(instructions=reads_nothing + bytes([0x95]) + bytes(7), references={})}
    )
    loaded = LoadedProgram(refused)
    with pytest.raises(LoadError, match=r"sample\(\).*R0 !read_ok"):
        loaded.load("sample")
    loaded.close()
    assert not own_programs()


def test_source_files_are_all_that_is_compiled() -> None:
    names = {path.relative_to(PACKAGE).as_posix() for path in source_files(OPTIONS)}
    assert {CPU_SAMPLE, "bpf/sample.h", "bpf/walk_fp.h", "bpf/include/linux/types.h", *MAP_HEADERS} <= names


def test_what_the_verifier_has_to_check_stays_small(tmp_path: Path) -> None:
    options = OPTIONS.with_tables(unwinder.switches(), unwinder.sizes())
    compiled = compiled_program(options, BytecodeCache(tmp_path))
    loaded = LoadedProgram(compiled)
    try:
        checked = {name: verified_instructions(loaded.load(name)) for name in compiled.functions}
    finally:
        loaded.close()
    assert sum(checked.values()) < MAX_VERIFIED_INSTRUCTIONS, checked


def verified_instructions(program_fd: int) -> int:
    """As the kernel tells from 5.17 on."""
    (line,) = [line for line in fdinfo(program_fd) if line.startswith("verified_insns:")]
    return int(line.split()[1])


def fdinfo(descriptor: int) -> list[str]:
    return Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
