"""The ELF reader against binutils, and against damage."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.debuginfo.elf import ElfError
from profiler.debuginfo.image import ElfImage, read_elf, read_elf_file

SOURCE = Path(__file__).parent.parent / "workloads" / "busy.c"


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("elf") / "busy"
    subprocess.run(["gcc", "-O1", "-Wl,--build-id=sha1", "-o", path, SOURCE], check=True)
    return path


def of_bytes(data: bytes) -> ElfImage:
    return read_elf(lambda offset, size: data[offset : offset + size] if offset < len(data) else b"")


def functions(binary: Path) -> dict[str, tuple[int, int]]:
    """name → (address, size) of sized functions, as nm tells them."""
    lines = subprocess.run(["nm", "-S", binary], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = (line.split() for line in lines)
    return {row[3]: (int(row[0], 16), int(row[1], 16)) for row in rows if len(row) == 4 and row[2] in "Tt"}


def test_every_function_is_found_from_its_first_to_its_last_byte_and_not_behind(binary: Path) -> None:
    symbols = read_elf_file(binary).symbols
    known = functions(binary)
    assert {"heavy", "light", "turn", "main"} <= known.keys()
    for name, (address, size) in known.items():
        assert symbols.find(address) == name.encode()
        assert symbols.find(address + size - 1) == name.encode()
        assert symbols.find(address + size) != name.encode()


def test_build_id_and_segments_are_those_of_readelf(binary: Path) -> None:
    image = read_elf_file(binary)
    notes = subprocess.run(["readelf", "-n", binary], capture_output=True, text=True, check=True).stdout
    assert f"Build ID: {image.build_id}" in notes
    address, _ = functions(binary)["heavy"]
    data = binary.read_bytes()
    # In a linked program of gcc's, code lies at the same place in the file and in memory.
    assert image.address_of(address) == address
    assert image.address_of(len(data) + 10**6) is None


def test_a_stripped_file_still_has_its_dynamic_symbols(binary: Path, tmp_path: Path) -> None:
    stripped = tmp_path / "stripped"
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    image = read_elf_file(stripped)
    assert image.stripped
    assert not read_elf_file(binary).stripped
    assert image.symbols.find(functions(binary)["heavy"][0]) is None


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"#!/bin/sh\n" * 100, b"\x7fELF\x01\x01" + bytes(100)])
def test_what_is_no_elf_file_is_refused(data: bytes) -> None:
    with pytest.raises(ElfError):
        of_bytes(data)


@given(st.binary(max_size=400))
def test_a_header_with_anything_behind_it_gives_an_image_or_an_error(rest: bytes) -> None:
    with suppress(ElfError):
        of_bytes(b"\x7fELF\x02\x01" + rest).symbols.find(4096)


@given(st.data())
def test_damage_anywhere_gives_an_image_or_an_error(binary: Path, data: st.DataObject) -> None:
    content = bytearray(binary.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        # Half the hits go to the headers, where offsets and sizes are.
        at = data.draw(
            st.integers(0, 63) | st.integers(0, len(content) - 1) | st.integers(len(content) - 2000, len(content) - 1)
        )
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        image = of_bytes(bytes(content[:cut] if data.draw(st.booleans()) else content))
    except ElfError:
        return
    image.symbols.find(0x1139)
    image.address_of(0x1139)


def test_a_fifo_in_the_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises((ElfError, OSError)):
        read_elf_file(tmp_path / "fifo")
