"""Perf maps: honest, hostile and foreign ones."""

import os
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.symbols import jit_functions, perfmap
from profiler.agent.symbols.jit_functions import MAX_FUNCTIONS, JitFunctions
from profiler.agent.symbols.perfmap import PerfMap, innermost_pid

PATIENCE_S = 60.0


@pytest.fixture
def own_map() -> Iterator[Path]:
    path = Path(f"/tmp/perf-{os.getpid()}.map")  # noqa: S108 - where compilers put it
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def functions(*lines: bytes) -> JitFunctions:
    made = JitFunctions()
    made.add(lines)
    return made


def test_lines_are_start_size_and_a_name_with_blanks() -> None:
    found = functions(b"7f00 10 LazyCompile:*main app.js:1\n")
    names = [found.name(address) for address in (0x7EFF, 0x7F00, 0x7F0F, 0x7F10)]
    assert names == [None, "LazyCompile:*main app.js:1", "LazyCompile:*main app.js:1", None]


def test_code_compiled_again_in_the_same_place_has_its_new_name() -> None:
    found = functions(b"10 5 old\n", b"30 5 other\n", b"10 8 new\n")
    assert (found.name(0x16), found.name(0x31), len(found)) == ("new", "other", 2)
    found.add([b"10 2 newer\n"])
    assert (found.name(0x11), found.name(0x16), found.name(0x31)) == ("newer", None, "other")


@pytest.mark.parametrize("line", ["", "x y z", "10 5", "-10 5 name", "10 0 name", "10 -5 name", "f" * 17 + " 5 name"])
def test_lines_that_make_no_sense_are_skipped(line: str) -> None:
    found = functions(f"{line}\n".encode(), b"20 5 good\n")
    assert (found.name(0x20), len(found)) == ("good", 1)


@given(st.lists(st.binary(max_size=300)))
def test_any_bytes_are_read_without_an_error(lines: list[bytes]) -> None:
    functions(*lines)


@given(st.lists(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 9), st.sampled_from("abc")), max_size=9)))
def test_functions_are_those_of_a_dictionary_that_later_lines_overwrite(
    parts: list[list[tuple[int, int, str]]],
) -> None:
    found = JitFunctions()
    expected: dict[int, tuple[int, str]] = {}
    for part in parts:
        found.add([b"%x %x %b\n" % (start, size, name.encode()) for start, size, name in part])
        expected |= {start: (start + size, name) for start, size, name in part}
    for address in range(70):
        start = max((start for start in expected if start <= address), default=0)
        end, name = expected.get(start, (0, ""))
        assert found.name(address) == (name if address < end else None)


def test_the_functions_that_came_first_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit_functions, "MAX_FUNCTIONS", 3)
    found = functions(*(b"%x 1 f%d\n" % (16 * (9 - n), n) for n in range(9)))
    found.add([b"1000 1 last\n"])
    assert [found.name(16 * (9 - n)) for n in range(9)] == [None] * 7 + ["f7", "f8"]
    assert found.name(0x1000) == "last"


def test_a_hundred_thousand_functions_take_a_few_megabytes() -> None:
    lines = (
        b"%x 40 LazyCompile:*function%d /srv/app/module%d.js:%d\n" % (n << 8, n, n % 99, n) for n in range(100_000)
    )
    tracemalloc.start()
    found = JitFunctions()
    found.add(lines)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 100_000
    assert held < 5 << 20  # a dictionary of them: 20 MB
    assert peak < 16 << 20


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
    assert len(perf_map._functions) == MAX_FUNCTIONS
    os.utime(own_map)
    assert perf_map.find(0x123) is None
    assert not perf_map._refresh()  # not again for each address without a name


def test_functions_added_later_are_found(own_map: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfmap, "QUICK_READ_S", PATIENCE_S)
    own_map.write_text("1000 10 first\n")
    perf_map = PerfMap(os.getpid())
    assert perf_map.find(0x1008) == "first"
    assert perf_map.find(0x2008) is None
    with own_map.open("a") as file:
        file.write("2000 10 _ZN3app6secondEv\n")
    assert perf_map.find(0x2008) == "app::second()"
    assert perf_map.find(0x1010) is None


def test_a_file_that_only_grew_is_read_on_where_it_ended(own_map: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfmap, "QUICK_READ_S", PATIENCE_S)
    own_map.write_text("1000 10 first\n")
    perf_map = PerfMap(os.getpid())
    assert perf_map.find(0x1008) == "first"
    functions = perf_map._functions
    with own_map.open("a") as file:
        file.write("2000 10 half")
    assert perf_map.find(0x2008) == "half"
    with own_map.open("a") as file:
        file.write("_of_it\n3000 10 third\n")
    assert perf_map.find(0x3008) == "third"
    assert perf_map.find(0x2008) == "half_of_it"
    again = perf_map._functions
    with own_map.open("a") as file:
        file.write("4000 10 fourth\n")
    assert perf_map.find(0x4008) == "fourth"
    assert functions is not again is perf_map._functions, "only the line that was cut made it be read from the start"


def test_a_file_that_was_written_anew_is_read_from_its_start(own_map: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfmap, "QUICK_READ_S", PATIENCE_S)
    own_map.write_text("1000 10 first\n")
    perf_map = PerfMap(os.getpid())
    assert perf_map.find(0x1008) == "first"
    own_map.write_text("5000 10 other\n6000 10 another\n")
    assert perf_map.find(0x6008) == "another"
    assert perf_map.find(0x5008) == "other"
    assert perf_map.find(0x1008) is None


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
