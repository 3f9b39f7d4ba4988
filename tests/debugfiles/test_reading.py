"""Debug files people send: read by a worker, ready or refused with the reason, and nothing half-written."""

import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from profiler.debugfiles import storage
from profiler.debugfiles.intake import delete, receive
from profiler.debugfiles.reading import read_debug_file
from profiler.errors import ConflictError, ForbiddenError, InvalidError, TooLargeError, UnavailableError
from profiler.models import DebugFile
from tests.debugfiles.conftest import Send
from tests.programs import StrippedProgram

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
E_MACHINE, E_SHOFF, E_SHNUM = 18, 40, 60
SH_TYPE, SH_SIZE, SECTION_HEADER = 4, 32, 64


def on_disk() -> list[str]:
    return sorted(path.name for path in storage.directory().glob("*"))


def patched(path: Path, offset: int, form: str, value: int) -> bytes:
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, offset, value)
    return bytes(data)


def test_a_debug_file_is_ready_and_its_build_id_is_its_own(send: Send, program: StrippedProgram) -> None:
    file = send(program.debug, "anything.debug")
    assert (file.state, file.message) == ("ready", "")
    assert (file.build_id, file.has_lines, file.size) == (program.build_id, True, program.debug.stat().st_size)
    assert on_disk() == [str(file.pk)]


def test_a_program_that_was_not_stripped_serves_as_well(send: Send, program: StrippedProgram) -> None:
    assert send(program.whole, "whole").has_lines
    assert DebugFile.objects.get().build_id == program.build_id


def test_a_file_with_compressed_debug_sections_is_ready(send: Send, program: StrippedProgram, tmp_path: Path) -> None:
    small = tmp_path / "small"
    subprocess.run(["objcopy", "--compress-debug-sections", program.debug, small], check=True)
    assert send(small, "small").has_lines


def with_huge_section(path: Path) -> bytes:
    """Section 2 has bytes in the file (type PROGBITS), and claims 4 EiB of them."""
    header = struct.unpack_from("<Q", path.read_bytes(), E_SHOFF)[0] + 2 * SECTION_HEADER
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, header + SH_TYPE, 1)
    struct.pack_into("<Q", data, header + SH_SIZE, 2**62)
    return bytes(data)


def hostile(program: StrippedProgram, directory: Path) -> Iterator[tuple[str, bytes, str]]:
    without_id = directory / "without-id"
    subprocess.run(["objcopy", "--remove-section", ".note.gnu.build-id", program.whole, without_id], check=True)
    data = program.debug.read_bytes()
    yield "text", b"main;spin 3\n" * 100, "not a 64-bit little-endian ELF file"
    yield "header only", data[:64], "section headers are there: it is cut short"
    yield "cut short", data[: len(data) // 2], "section headers are there: it is cut short"
    yield "32 bit", b"\x7fELF\x01" + data[5:], "not a 64-bit little-endian ELF file"
    yield "ARM", patched(program.debug, E_MACHINE, "<H", 183), "it is for ARM64"
    yield "no machine", patched(program.debug, E_MACHINE, "<H", 7777), "it is for machine 7777"
    yield "far sections", patched(program.debug, E_SHOFF, "<Q", 2**63), "0 of "
    yield "more sections than there are", patched(program.debug, E_SHNUM, "<H", 65535), " of 65535 section headers"
    yield "huge section", with_huge_section(program.debug), "section 2 ends at byte 4,611,686,018,427"
    yield "no build id", without_id.read_bytes(), "it has no build id"
    yield "stripped", program.stripped.read_bytes(), "it is stripped"


def test_a_hostile_file_is_refused_with_the_reason_and_leaves_nothing(
    send: Send, program: StrippedProgram, tmp_path: Path
) -> None:
    for name, content, says in hostile(program, tmp_path):
        file = send(content, name)
        assert file.state == "refused", name
        assert file.message.startswith(f"{name}: "), file.message
        assert says in file.message, file.message
        assert on_disk() == [], name


def test_wherever_a_file_is_cut_it_is_refused(send: Send, program: StrippedProgram) -> None:
    data = program.debug.read_bytes()
    for length in range(1, len(data), max(1, len(data) // 60)):
        assert send(data[:length], "cut").state == "refused", length


def test_a_file_over_the_limit_is_refused_before_it_is_all_here(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_DEBUG_FILE_BYTES", 1000)
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            yield bytes(100)

    with pytest.raises(TooLargeError, match=r"big\.debug: over the limit of 1,000 bytes; .*--only-keep-debug"):
        receive(owner, "big.debug", endless())
    assert sent == 1100
    assert on_disk() == []
    assert not DebugFile.objects.exists()


def test_debug_files_take_no_more_of_the_disk_than_they_may(
    send: Send, owner: User, program: StrippedProgram, settings: LazySettings
) -> None:
    send(program.debug, "first")
    settings.DEBUG_FILES_BYTES = program.debug.stat().st_size + 100
    with pytest.raises(TooLargeError, match=r"second: over the limit of 100 bytes; .* delete some first"):
        receive(owner, "second", [bytes(101)])
    settings.DEBUG_FILES_BYTES = 100
    with pytest.raises(ConflictError, match="third: there is no room"):
        receive(owner, "third", [bytes(10)])
    assert len(on_disk()) == 1


def test_an_empty_file_is_refused(owner: User) -> None:
    with pytest.raises(InvalidError, match=r"a\.debug: the file is empty"):
        receive(owner, "a.debug", [])
    assert on_disk() == []


def test_viewers_may_neither_send_nor_delete(send: Send, viewer: User, program: StrippedProgram) -> None:
    with pytest.raises(ForbiddenError, match="may only look, not upload"):
        receive(viewer, "a.debug", [b"x"])
    file = send(program.debug, "mine")
    with pytest.raises(ForbiddenError, match="may only look, not delete debug files"):
        delete(viewer, file.pk)


def test_a_file_redis_takes_no_task_for_is_not_kept(owner: User, redis: object) -> None:
    redis.config_set("maxmemory", "1")  # type: ignore[attr-defined] # a Redis
    try:
        with pytest.raises(UnavailableError, match=r"a\.debug.*send it again"):
            receive(owner, "a.debug", [b"x"])
    finally:
        redis.config_set("maxmemory", "0")  # type: ignore[attr-defined] # a Redis
    assert not DebugFile.objects.exists()
    assert on_disk() == []


def test_reading_twice_is_reading_once(send: Send, program: StrippedProgram) -> None:
    file = send(program.debug, "once")
    read_debug_file(str(file.pk))
    file.refresh_from_db()
    assert file.state == "ready"


def test_a_better_file_takes_the_place_of_the_older_one(send: Send, program: StrippedProgram) -> None:
    assert not send(program.symbols, "names only").has_lines
    better = send(program.debug, "with lines")
    assert DebugFile.objects.get() == better
    assert on_disk() == [str(better.pk)]


def test_a_file_that_knows_less_is_refused_and_the_better_one_stays(send: Send, program: StrippedProgram) -> None:
    better = send(program.debug, "with lines")
    worse = send(program.symbols, "names only")
    assert worse.state == "refused"
    assert "there already is with lines of this build" in worse.message
    assert on_disk() == [str(better.pk)]


def test_deleting_a_file_deletes_it_from_the_disk(send: Send, owner: User, program: StrippedProgram) -> None:
    delete(owner, send(program.debug, "gone").pk)
    assert on_disk() == []
    assert not DebugFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"), [("../../etc/passwd", "passwd"), ("C:\\x\\a.pdb", "a.pdb"), ("\x00", "debug file")]
)
def test_a_name_is_only_a_name(send: Send, program: StrippedProgram, name: str, kept: str) -> None:
    file = send(program.debug, name)
    assert file.name == kept
    assert storage.path_of(file).parent == storage.directory()
