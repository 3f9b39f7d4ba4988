"""Folded lines of perf text are those that stackcollapse-perf.pl prints.

The published results are not part of the project: WEBPROF_CORPUS names a folder with `perf-script/NAME.txt` and
`perf-script/expected/NAME-collapsed[-OPTION].txt` to compare with.
"""

import os
import re
from pathlib import Path

import pytest

from profiler.core.profile import Profile
from profiler.formats import perf_script
from profiler.formats.collapse import collapse
from tests.formats.support import SAMPLES, load_perf

CORPUS = os.environ.get("WEBPROF_CORPUS", "")
EXPECTED = re.compile(r"(?P<name>.*)-collapsed(?:-(?P<option>\w+))?\.txt")
PUBLISHED = sorted(Path(CORPUS, "perf-script", "expected").glob("*.txt")) if CORPUS else []


def collapsed(profile: Profile, **options: bool) -> list[str]:
    lines: list[str] = []
    collapse(profile, lines.append, **options)
    return [line.removesuffix("\n") for line in lines]


def perf(comm: str, *frames: str) -> list[str]:
    (profile,) = load_perf(f"{comm} 7/8 cycles:\n" + "".join(f"\t{frame}\n" for frame in frames) + "\n")
    return collapsed(profile, kernel=True, jit=True)


@pytest.mark.parametrize(
    ("comm", "frame", "expected"),
    [
        ("a b", "1 main (/m)", "a_b;main 1"),
        ("a", "1 f(int, char) const (/m)", "a;f 1"),
        ("a", "1 net/http.(*Client).Do (/m)", "a;net/http.(*Client).Do 1"),
        ("a", "1 ns::(anonymous namespace)::f (/m)", "a;ns::(anonymous namespace)::f 1"),
        ("a", "1 RegExp:[&<>\"'] (/tmp/perf-1.map)", "a;RegExp:[&<>]_[j] 1"),
        ("java", "1 Lio/Stream;::print (/tmp/perf-1.map)", "java;io/Stream:::print_[j] 1"),
        ("java", "1 LBusy;::main (/tmp/perf-1.map)", "java;LBusy:::main_[j] 1"),
        ("javac", "1 Lio/Stream;::print (/tmp/perf-1.map)", "javac;Lio/Stream:::print_[j] 1"),
        ("java", "1 La/B;::f->Lc/D;::g (/tmp/perf-1.map)", "java;a/B:::f_[j];c/D:::g_[i] 1"),
        ("a", "1 [unknown] (/lib/x.so)", "a;[x.so] 1"),
        ("a", "1 [unknown] ([kernel.kallsyms])", "a;[[kernel.kallsyms]]_[k] 1"),
        ("a", "1 [unknown] ([unknown])", "a;[unknown] 1"),
        ("a", "1  (/lib/x.so)", "a;  1"),
        ("a", "1 f (/lib/modules/4.1/build/vmlinux)", "a;f_[k] 1"),
        ("a", "1 (not a function) (/m)", "a 1"),
    ],
)
def test_names_are_tidied_as_users_of_the_perl_script_know_them(comm: str, frame: str, expected: str) -> None:
    assert perf(comm, frame) == [expected]


def test_a_sample_without_frames_counts_for_its_command() -> None:
    assert perf("a") == ["a 1"]


def test_ids_stand_behind_the_command() -> None:
    (profile,) = load_perf("a 7/8 cycles:\n\t1 f (/m)\n\nb 9 cycles:\n\t1 f (/m)\n\n")
    assert collapsed(profile, pid=True) == ["a-7;f 1", "b-?;f 1"]
    assert collapsed(profile, tid=True) == ["a-7/8;f 1", "b-?/9;f 1"]


def test_what_perf_found_inlined_is_marked_when_asked() -> None:
    with (SAMPLES / "perf-script" / "inlined-dwarf.txt").open("rb") as file:
        (profile,) = perf_script.load(file, "inlined-dwarf.txt")
    stack = "my_worker;_start;__libc_start_main_impl{0};__libc_start_call_main;main;outer;burn;mix{0} "
    assert any(line.startswith(stack.format("_[i]")) for line in collapsed(profile, inline=True))
    assert any(line.startswith(stack.format("")) for line in collapsed(profile))


@pytest.mark.skipif(not CORPUS, reason="WEBPROF_CORPUS names no folder with published results")
def test_the_corpus_has_published_results() -> None:
    assert PUBLISHED


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_results_are_reproduced(path: Path) -> None:
    match = EXPECTED.fullmatch(path.name)
    assert match is not None
    option = match["option"] or ""
    with (path.parent.parent / f"{match['name']}.txt").open("rb") as file:
        profile = perf_script.load(file, path.name, addrs=option == "addrs")[0]
    lines = collapsed(
        profile,
        pid=option == "pid",
        tid=option == "tid",
        kernel=option in ("kernel", "all"),
        jit=option in ("jit", "all"),
    )
    assert sorted(lines) == sorted(path.read_text().splitlines())
