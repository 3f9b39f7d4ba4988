"""/proc/PID/maps and the files behind it, on real processes."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from profiler.agent.unwind.elf import read_image
from profiler.agent.unwind.mappings import (
    MAX_MAPPINGS,
    VDSO,
    VDSO_KEY,
    Mapping,
    bias_of,
    file_key,
    open_backing,
    parse_maps,
    read_mappings,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can open /proc/PID/map_files")

MAPS = """\
00400000-00401000 r--p 00000000 fe:00 12  /bin/with space
00401000-00402000 r-xp 00001000 fe:00 12  /bin/with space
7f0000000000-7f0000001000 rwxp 00000000 00:00 0
7f0000002000-7f0000003000 r-xp 00003000 fe:00 13  /lib/gone.so (deleted)
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0  [vdso]
"""


@contextlib.contextmanager
def sleeping(binary: Path) -> Iterator[int]:
    process = subprocess.Popen([binary, "60"])
    deadline = time.monotonic() + 10
    while not any(mapping.name.startswith(str(binary)) for mapping in read_mappings(process.pid).mappings):
        assert time.monotonic() < deadline
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def test_only_executable_mappings_are_kept() -> None:
    assert parse_maps(MAPS).mappings == [
        Mapping(0x401000, 0x402000, 0x1000, 12, "/bin/with space"),
        Mapping(0x7F0000000000, 0x7F0000001000, 0, 0, ""),
        Mapping(0x7F0000002000, 0x7F0000003000, 0x3000, 13, "/lib/gone.so (deleted)"),
        Mapping(0x7FFD00000000, 0x7FFD00002000, 0, 0, "[vdso]"),
    ]


def test_of_5000_mappings_files_are_kept_first_and_the_rest_is_counted() -> None:
    anonymous = "".join(f"{i * 8192:x}-{i * 8192 + 4096:x} rwxp 00000000 00:00 0\n" for i in range(1, 5000))
    found = parse_maps(anonymous + MAPS)
    assert len(found.mappings) == MAX_MAPPINGS
    assert found.dropped == 5003 - MAX_MAPPINGS
    assert {12, 13} <= {mapping.inode for mapping in found.mappings}
    assert found.mappings == sorted(found.mappings)


def test_a_line_cut_off_by_the_limit_is_ignored() -> None:
    assert len(parse_maps(MAPS + "7ffe00000000-7ff").mappings) == 4


def test_a_deleted_binary_is_still_read(tmp_path: Path) -> None:
    binary = tmp_path / "sleep"
    shutil.copy("/bin/sleep", binary)
    with sleeping(binary) as pid:
        binary.unlink()
        mapping = next(m for m in read_mappings(pid).mappings if m.name.startswith(str(binary)))
        assert mapping.name.endswith("(deleted)")
        backing = open_backing(pid, mapping)
        assert read_image(backing.read_at).eh_frame is not None
        backing.close()


def test_a_replaced_binary_is_read_as_it_was_mapped(tmp_path: Path) -> None:
    binary = tmp_path / "sleep"
    shutil.copy("/bin/sleep", binary)
    with sleeping(binary) as pid:
        mapping = next(m for m in read_mappings(pid).mappings if m.name == str(binary))
        before = file_key(pid, mapping)
        (tmp_path / "new").write_text("#!/bin/sh\n")
        (tmp_path / "new").rename(binary)
        assert file_key(pid, mapping) == before
        backing = open_backing(pid, mapping)
        assert read_image(backing.read_at).eh_frame is not None
        backing.close()


def test_the_vdso_is_read_from_memory() -> None:
    mapping = next(m for m in read_mappings(os.getpid()).mappings if m.name == VDSO)
    assert file_key(os.getpid(), mapping) == VDSO_KEY
    image = read_image(open_backing(os.getpid(), mapping).read_at)
    assert image.eh_frame is not None
    assert bias_of(mapping, image.segments) == mapping.start


def test_memory_that_is_no_file_has_no_key() -> None:
    assert file_key(os.getpid(), Mapping(0x1000, 0x2000, 0, 0, "")) is None


def test_a_process_that_is_gone_is_an_os_error() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    with pytest.raises(OSError, match=str(process.pid)):
        read_mappings(process.pid)
