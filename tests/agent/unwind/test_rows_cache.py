"""Rows on disk: what is damaged or of another version is a miss."""

import os
from pathlib import Path

import numpy as np
import pytest

from profiler.agent.unwind.elf import SectionPlace
from profiler.agent.unwind.rows_cache import RowsCache, section_key

ROWS = np.arange(1000, dtype=np.uint64)


def test_rows_come_back_as_they_were_put(tmp_path: Path) -> None:
    RowsCache(tmp_path / "made" / "by" / "put").put("a", ROWS)
    found = RowsCache(tmp_path / "made" / "by" / "put").get("a")
    assert found is not None
    assert (found[:] == ROWS).all()
    assert (found[100:200] == ROWS[100:200]).all()
    assert len(found) == len(ROWS)


def test_an_unknown_key_is_a_miss(tmp_path: Path) -> None:
    assert RowsCache(tmp_path / "nothing").get("a") is None


@pytest.mark.parametrize("place", [0, 4, 8, 12, 500])  # magic, version, count, checksum, a row
def test_a_damaged_file_is_a_miss(tmp_path: Path, place: int) -> None:
    RowsCache(tmp_path).put("a", ROWS)
    file = tmp_path / "a.rows"
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    assert RowsCache(tmp_path).get("a") is None


@pytest.mark.parametrize("length", [0, 3, 16, 100])
def test_a_truncated_file_is_a_miss(tmp_path: Path, length: int) -> None:
    RowsCache(tmp_path).put("a", ROWS)
    os.truncate(tmp_path / "a.rows", length)
    assert RowsCache(tmp_path).get("a") is None


def test_the_files_used_longest_ago_are_removed_when_over_the_limit(tmp_path: Path) -> None:
    cache = RowsCache(tmp_path, max_bytes=5 * ROWS.nbytes)
    for age, key in enumerate("dcba"):
        cache.put(key, ROWS)
        os.utime(tmp_path / f"{key}.rows", (1000 + age, 1000 + age))
    assert cache.get("d") is not None  # used now
    cache.put("e", ROWS)
    assert [key for key in "abcde" if cache.get(key) is not None] == ["a", "d", "e"]


def test_a_directory_that_can_not_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = RowsCache(tmp_path / "file" / "below")
    cache.put("a", ROWS)
    assert cache.get("a") is None


def test_keys_differ_in_content_address_and_entry() -> None:
    data = bytes(1_000_000)

    def key(content: bytes, vaddr: int, entry: int) -> str:
        place = SectionPlace(vaddr, 0, len(content), entry)
        return section_key(place, lambda offset, size: content[offset : offset + size])

    other = data[:-1] + b"x"
    assert len({key(data, 1, 1), key(other, 1, 1), key(data, 2, 1), key(data, 1, 2), key(data[:-1], 1, 1)}) == 5
    assert key(data, 1, 1) == key(bytes(1_000_000), 1, 1)


def test_no_rows_are_an_answer_too(tmp_path: Path) -> None:
    RowsCache(tmp_path).put("a", ROWS[:0])
    found = RowsCache(tmp_path).get("a")
    assert found is not None
    assert len(found) == 0


def test_rows_that_are_cut_while_they_are_read_are_an_error(tmp_path: Path) -> None:
    RowsCache(tmp_path).put("a", ROWS)
    found = RowsCache(tmp_path).get("a")
    assert found is not None
    os.truncate(tmp_path / "a.rows", 400)
    with pytest.raises(OSError, match="was cut"):
        found[:]
