"""Mistakes as bpftrace 0.17 told them on this very kernel: where, what, and without what says nothing."""

import pytest

from profiler.core.bpftrace.problems import MAX_PROBLEMS, Problem, read_stderr

LIMIT = (
    "Error while reading traceable functions from /sys/kernel/tracing/available_filter_functions: Operation not "
    "permitted"
    "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace. If your program is not loading, you can try"
    ' "ulimit -l 8192" to fix the problem\n'
)


def test_a_mistake_has_its_line_and_columns() -> None:
    said = 'stdin:1:20-21: ERROR: syntax error, unexpected ;\nBEGIN { printf("a" ; }\n                   ~\n'
    assert read_stderr((LIMIT + said).encode(), 'BEGIN { printf("a" ; }') == [
        Problem(line=1, column=20, end=21, text="syntax error, unexpected ;")
    ]


def test_columns_count_characters_where_bpftrace_counts_bytes() -> None:
    program = 'BEGIN {\n  printf("é%d\\n", nosuch(3));\n}'
    said = f"stdin:2:20-26: ERROR: Unknown function: nosuch\n{program.splitlines()[1]}\n                   ~~~~~~\n"
    (problem,) = read_stderr(said.encode(), program)
    assert program.splitlines()[1][problem.column - 1 : problem.end - 1] == "nosuch"


def test_several_mistakes_are_told_in_order_though_one_is_behind_the_end() -> None:
    program = 'BEGIN { printf("abc\n'
    said = (
        'stdin:1:9-21: ERROR: unterminated string\nBEGIN { printf("abc\n        ~~~~~~~~~~~\n'
        "stdin:2:1-1: ERROR: syntax error, unexpected end of file\n"
    )
    assert [(each.line, each.column) for each in read_stderr(said.encode(), program)] == [(1, 9), (2, 1)]


def test_what_has_no_place_is_told_as_it_is() -> None:
    said = (
        LIMIT + "perf_event_open failed: No such file or directory\nERROR: Error attaching probe: hardware:cycles:100\n"
    )
    assert read_stderr(said.encode(), "") == [
        Problem(text="perf_event_open failed: No such file or directory", fatal=False),
        Problem(text="Error attaching probe: hardware:cycles:100"),
    ]


def test_a_warning_is_not_fatal() -> None:
    said = "stdin:1:1-18: WARNING: do_nothing is not traceable\nkprobe:do_nothing { }\n~~~~~~~~~~~~~~~~~\n"
    assert [each.fatal for each in read_stderr(said.encode(), "kprobe:do_nothing { }")] == [False]


@pytest.mark.parametrize("said", [LIMIT.encode(), b"", b"\n\n", b"WARNING: Addrspace is not set\n"])
def test_what_says_nothing_is_left_out(said: bytes) -> None:
    assert read_stderr(said, "") == []


def test_a_thousand_mistakes_and_bytes_that_are_no_text_are_bounded() -> None:
    assert len(read_stderr(b"ERROR: \xff\xfe\n" * 1000, "")) == MAX_PROBLEMS
    (problem,) = read_stderr(b"x" * 10**6, "")
    assert len(problem.text) == 1000
