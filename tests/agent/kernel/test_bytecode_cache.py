"""Compiled programs on disk: whole and ours, or a miss."""

import os
import platform
from pathlib import Path

import pytest

from profiler.agent.kernel import bytecode_cache
from profiler.agent.kernel.bytecode import CompiledProgram, Function
from profiler.agent.kernel.bytecode_cache import BytecodeCache, program_key
from profiler.agent.kernel.program_source import ProgramOptions

PROGRAM = CompiledProgram(maps={}, functions={"sample": Function(instructions=bytes([0x95]) + bytes(7), references={})})
KEY, OTHER_KEY = bytes(16), bytes([1] * 16)


@pytest.fixture
def cache(tmp_path: Path) -> BytecodeCache:
    return BytecodeCache(tmp_path / "bytecode", max_files=3)


@pytest.fixture
def file(cache: BytecodeCache, tmp_path: Path) -> Path:
    cache.put(KEY, PROGRAM)
    (path,) = (tmp_path / "bytecode").iterdir()
    return path


def test_what_was_put_is_there_for_this_user_alone(cache: BytecodeCache, file: Path) -> None:
    assert cache.get(KEY) == PROGRAM
    assert cache.get(OTHER_KEY) is None
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_every_damaged_byte_is_a_miss(cache: BytecodeCache, file: Path) -> None:
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.get(KEY) is None, place


@pytest.mark.parametrize("length", [0, 3, 24, 60])
def test_a_file_that_was_cut_is_a_miss(cache: BytecodeCache, file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])
    assert cache.get(KEY) is None


def test_a_file_under_another_key_is_a_miss(cache: BytecodeCache, file: Path) -> None:
    file.rename(file.with_name(file.name.replace(KEY.hex(), OTHER_KEY.hex())))
    assert cache.get(OTHER_KEY) is None


def test_a_link_is_a_miss(cache: BytecodeCache, file: Path, tmp_path: Path) -> None:
    file.symlink_to(file.rename(tmp_path / "elsewhere"))
    assert cache.get(KEY) is None


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_write_is_a_miss(cache: BytecodeCache, file: Path, mode: int) -> None:
    file.chmod(mode)
    assert cache.get(KEY) is None


def test_a_directory_that_others_may_write_is_a_miss(cache: BytecodeCache, file: Path) -> None:
    file.parent.chmod(0o777)
    assert cache.get(KEY) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_anothers_file_and_anothers_directory_are_misses(cache: BytecodeCache, file: Path) -> None:
    os.chown(file, 65_534, 65_534)
    assert cache.get(KEY) is None
    os.chown(file, 0, 0)
    assert cache.get(KEY) == PROGRAM
    os.chown(file.parent, 65_534, 65_534)
    assert cache.get(KEY) is None


def test_the_files_used_longest_ago_go_first(cache: BytecodeCache, tmp_path: Path) -> None:
    keys = [bytes([number] * 16) for number in range(4)]
    for age, key in enumerate(keys[:3]):
        cache.put(key, PROGRAM)
        os.utime(tmp_path / "bytecode" / f"{key.hex()}.bytecode", (1000 + age, 1000 + age))
    cache.get(keys[0])
    cache.put(keys[3], PROGRAM)
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]


def test_a_directory_that_cannot_be_made_is_told_and_harmless(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    cache = BytecodeCache(tmp_path / "file" / "bytecode")
    cache.put(KEY, PROGRAM)
    assert cache.get(KEY) is None
    assert "each recording compiles" in caplog.text


def test_the_key_tells_options_kernels_machines_and_compilers_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = program_key(ProgramOptions())
    keys = {plain, program_key(ProgramOptions(frozenset({"WALK_EH"}))), program_key(ProgramOptions(sizes={"A": 1}))}
    for name in ("release", "machine"):
        with monkeypatch.context() as patch:
            patch.setattr(platform, name, lambda: "another")
            keys.add(program_key(ProgramOptions()))
    monkeypatch.setattr(bytecode_cache, "_bcc_version", lambda: "another")
    assert len(keys | {program_key(ProgramOptions())}) == 6
    monkeypatch.undo()
    assert program_key(ProgramOptions()) == plain


def test_the_key_tells_sources_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = tmp_path / "one.c"
    monkeypatch.setattr(bytecode_cache, "source_files", lambda _: [source])
    source.write_text("int a;")
    before = program_key(ProgramOptions())
    source.write_text("int b;")
    assert program_key(ProgramOptions()) != before
