"""The cold part of a function, found without symbols as the compiler's own symbols have it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from profiler.agent.runtimes.dynsym import exported_ranges
from profiler.agent.runtimes.split_function import Part, other_parts
from profiler.debuginfo.elf import read_headers

SOURCE = """
#include <stdio.h>
__attribute__((cold, noinline)) void never(int n) { fprintf(stderr, "%d\\n", n); }
__attribute__((cold, noinline)) void nowhere(int n) { fprintf(stdout, "%d\\n", n); }
int whole(int n) { return n * 3; }
int loop(int n, int *p) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        if (__builtin_expect(p[i] < 0, 0)) { never(i); sum -= p[i]; nowhere(sum); }
        if (__builtin_expect(p[i] == 77, 0)) { nowhere(i); sum ^= 3; never(sum); }
        if (__builtin_expect(p[i] == 78, 0)) { never(p[0]); sum *= 5; nowhere(sum); }
        if (__builtin_expect(p[i] == 79, 0)) { nowhere(p[1]); sum /= 7; never(sum); }
        sum += p[i];
    }
    return sum;
}
int main(int argc, char **argv) { return loop(argc, (int *)argv[0]) + whole(argc); }
"""


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("split")
    (directory / "split.c").write_text(SOURCE)
    command = ["gcc", "-O2", "-rdynamic", "-freorder-blocks-and-partition", "-o", "split", "split.c"]
    subprocess.run(command, cwd=directory, check=True)
    return directory / "split"


def symbol(path: Path, name: str) -> Part:
    lines = subprocess.run(["nm", "-S", path], capture_output=True, text=True, check=True).stdout
    found = re.search(rf"^(\w+) (\w+) \w {re.escape(name)}$", lines, re.M)
    assert found is not None, f"the compiler made no {name}"
    start = int(found[1], 16)
    return Part(start, start + int(found[2], 16))


def parts(path: Path, name: str) -> tuple[Part, ...]:
    with path.open("rb") as file:

        def read_at(offset: int, size: int) -> bytes:
            return os.pread(file.fileno(), size, offset)

        return other_parts(read_at, read_headers(read_at), Part(*exported_ranges(read_at, [name])[name]))


def test_a_part_moved_away_is_found_in_a_stripped_file(binary: Path) -> None:
    cold = symbol(binary, "loop.cold")
    subprocess.run(["strip", binary], check=True)
    (found,) = parts(binary, "loop")
    assert found.start == cold.start
    assert cold.end <= found.end


def test_a_function_in_one_piece_has_no_other_parts(binary: Path) -> None:
    assert parts(binary, "whole") == ()


def test_a_damaged_search_table_has_no_parts(binary: Path, tmp_path: Path) -> None:
    data = bytearray(binary.read_bytes())
    table = data.index(b"\x01\x1b\x03\x3b")
    for start, end in ((table, table + 4), (table + 12, table + 500)):
        damaged = data.copy()
        damaged[start:end] = b"\xff" * (end - start)
        (tmp_path / "damaged").write_bytes(damaged)
        assert parts(tmp_path / "damaged", "loop") == ()
