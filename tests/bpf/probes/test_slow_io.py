"""Slow requests and calls: with a limit of nothing all of a known number, with a long one none."""

import fcntl
import os
import struct
from collections import Counter
from pathlib import Path

import pytest

from profiler.probes.slow_block_io import failure, operation
from profiler.probes.slow_file_io import path
from tests.bpf.probes.feed import LOAD, python, rows_of, watching

pytestmark = pytest.mark.bpf

WRITES, READS, SYNCS = 211, 103, 17
CALLS = f"""
import os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
for _ in range({WRITES}): os.write(file, b"x" * 100)
for i in range({READS}): os.pread(file, 100, i * 100)
for _ in range({SYNCS}): os.fsync(file)
reader, writer = os.pipe()
for _ in range({READS}): os.write(writer, b"x"), os.read(reader, 1)
"""


def test_every_call_on_a_file_is_told_with_its_path_and_none_on_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "a directory" / "file\n1"
    file.parent.mkdir()
    rows = rows_of("slow_file_io", lambda: python(CALLS, str(file)), comm=LOAD, min_us=0)
    ours = [row for row in rows if row["path"].endswith("/a directory/file\n1")]
    assert Counter((row["operation"], row["bytes"]) for row in ours) == {
        ("write", 100): WRITES,
        ("read", 100): READS,
        ("sync", 0): SYNCS,
    }
    assert all(f"/{tmp_path.name}/" in row["path"] for row in ours)
    assert not [row for row in rows if row["bytes"] == 1]


def test_no_call_is_slower_than_a_minute(tmp_path: Path) -> None:
    assert rows_of("slow_file_io", lambda: python(CALLS, str(tmp_path / "file")), comm=LOAD, min_us=60_000_000) == []


BLOCK = 4096
BLOCKS = 61
READS_BLOCKS = """
import mmap, os, sys
file = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECT)
room = mmap.mmap(-1, 4096)
for i in range(int(sys.argv[2])): assert os.preadv(file, [room], 2 * i * 4096) == 4096
"""
_FIEMAP = 0xC020660B
_HEADER, _EXTENT = struct.Struct("=QQLLLL"), struct.Struct("=QQQQQLLLL")
_PLAIN_FLAGS = 0x1 | 0x1000  # the last one; merged with its neighbour


def sectors(file: Path) -> list[int]:
    """Where every second block of a file lies on its disk. Skips the test where a file system does not tell."""
    if list(Path(f"/sys/dev/block/{disk_of(file)}").glob("slaves/*")):
        pytest.skip(f"{file} lies on a disk that is made of others: requests have other sectors")
    request = bytearray(_HEADER.pack(0, 2**64 - 1, 1, 0, 512, 0) + bytes(512 * _EXTENT.size))
    try:
        with file.open("rb") as opened:
            fcntl.ioctl(opened, _FIEMAP, request)
        start = int(Path(f"/sys/dev/block/{disk_of(file)}/start").read_text()) if is_partition(file) else 0
    except OSError as error:
        pytest.skip(f"where {file} lies on a disk is not told here: {error}")
    count = _HEADER.unpack_from(request)[3]
    extents = [_EXTENT.unpack_from(request, _HEADER.size + i * _EXTENT.size) for i in range(count)]
    if any(extent[5] & ~_PLAIN_FLAGS for extent in extents):
        pytest.skip(f"{file} does not lie on a disk as it is read")
    found = []
    for offset in range(0, 2 * BLOCK * BLOCKS, 2 * BLOCK):
        (place,) = [place + offset - at for at, place, length, *_ in extents if at <= offset < at + length]
        found.append(start + place // 512)
    return found


def disk_of(file: Path) -> str:
    device = file.stat().st_dev
    return f"{os.major(device)}:{os.minor(device)}"


def is_partition(file: Path) -> bool:
    return Path(f"/sys/dev/block/{disk_of(file)}/partition").exists()


def test_every_request_to_a_disk_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "blocks"
    with file.open("wb") as opened:
        opened.write(bytes(2 * BLOCK * BLOCKS))
        os.fsync(opened.fileno())
    expected = sectors(file)
    with watching("slow_block_io", min_us=0) as watched:
        python(READS_BLOCKS, str(file), str(BLOCKS))
    ours = [row for row in watched.rows if row["sector"] in set(expected) and row["operation"].startswith("read")]
    assert Counter(row["sector"] for row in ours) == dict.fromkeys(expected, 1)
    assert {(row["bytes"], row["error"]) for row in ours} == {(BLOCK, "")}
    assert all(row["took"] > 0 for row in ours)


def test_no_request_is_slower_than_a_minute(tmp_path: Path) -> None:
    file = tmp_path / "blocks"
    file.write_bytes(bytes(2 * BLOCK * BLOCKS))
    sectors(file)
    with watching("slow_block_io", comm=LOAD, min_us=60_000_000) as watched:
        python(READS_BLOCKS, str(file), str(BLOCKS))
    assert watched.rows == []


def test_operations_failures_and_paths_in_words() -> None:
    assert operation(1 << 4 | 0b0101) == "write, flush, synchronous"
    assert operation(0 << 4 | 0b1010) == "read, read ahead, metadata"
    assert operation(2 << 4 | 0b0001) == "flush"
    assert operation(34 << 4) == "other"
    assert [failure(status) for status in (0, -5, 3, 10, 255)] == ["", "EIO", "ENOSPC", "EIO", "EIO"]
    assert path(b"file\0home\0", 2) == "/home/file"
    assert path(b"x\0" * 16, 16).startswith("…/x/x")
