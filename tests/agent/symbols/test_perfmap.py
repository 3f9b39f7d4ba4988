"""Perf maps: honest, hostile and foreign ones."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.symbols.perfmap import MAX_FUNCTIONS, PerfMap, innermost_pid, parse_perf_map


@pytest.fixture
def own_map() -> Iterator[Path]:
    path = Path(f"/tmp/perf-{os.getpid()}.map")  # noqa: S108 - where compilers put it
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def test_lines_are_start_size_and_a_name_with_blanks() -> None:
    assert parse_perf_map([b"7f00 10 LazyCompile:*main app.js:1\n"]) == {0x7F00: (0x7F10, "LazyCompile:*main app.js:1")}


def test_code_compiled_again_in_the_same_place_has_its_new_name() -> None:
    assert parse_perf_map([b"10 5 old\n", b"10 8 new\n"]) == {0x10: (0x18, "new")}


@pytest.mark.parametrize("line", ["", "x y z", "10 5", "-10 5 name", "10 0 name", "10 -5 name", "f" * 17 + " 5 name"])
def test_lines_that_make_no_sense_are_skipped(line: str) -> None:
    assert parse_perf_map([f"{line}\n".encode(), b"20 5 good\n"]) == {0x20: (0x25, "good")}


@given(st.lists(st.binary(max_size=300)))
def test_any_bytes_are_read_without_an_error(lines: list[bytes]) -> None:
    parse_perf_map(lines)


def test_a_file_of_garbage_is_read_in_bounded_time_and_memory(own_map: Path) -> None:
    """200 MB: a line without an end, bytes that are no text, more functions than anybody compiles, one that counts."""
    with own_map.open("wb") as file:
        file.write(b"10 10 " + b"\xff" * (80 << 20) + b"\n" + os.urandom(20 << 20))
        for block in range(100):
            file.write(b"".join(b"%x 10 f%d\n" % (n << 12, n) for n in range(block * 40_000, block * 40_000 + 40_000)))
        file.write(b"\n7f0000001000 10 wanted\n")
        assert file.tell() > 150 << 20
    perf_map = PerfMap(os.getpid())
    begun = time.process_time()
    assert perf_map.find(0x7F0000001008) == "wanted"
    assert time.process_time() - begun < 15  # 2 s on a quiet machine
    assert len(perf_map._symbols) == MAX_FUNCTIONS
    os.utime(own_map)
    assert perf_map.find(0x123) is None
    assert not perf_map._refresh()  # not again for each address without a name


def test_functions_added_later_are_found(own_map: Path) -> None:
    own_map.write_text("1000 10 first\n")
    perf_map = PerfMap(os.getpid())
    assert perf_map.find(0x1008) == "first"
    assert perf_map.find(0x2008) is None
    with own_map.open("a") as file:
        file.write("2000 10 _ZN3app6secondEv\n")
    assert perf_map.find(0x2008) == "app::second()"
    assert perf_map.find(0x1010) is None


def test_somebody_elses_file_is_not_believed(own_map: Path) -> None:
    own_map.write_text("1000 10 faked\n")
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(own_map, 65534, 65534)
    assert PerfMap(os.getpid()).find(0x1008) is None


def test_a_link_is_not_followed(own_map: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("1000 10 linked\n")
    own_map.symlink_to(tmp_path / "elsewhere")
    assert PerfMap(os.getpid()).find(0x1008) is None


def test_a_fifo_does_not_hang(own_map: Path) -> None:
    os.mkfifo(own_map)
    assert PerfMap(os.getpid()).find(0x1008) is None


def test_a_process_that_is_gone_has_no_symbols() -> None:
    assert PerfMap(2**22).find(0x1008) is None
    assert innermost_pid(2**22) == 2**22
