"""Programs started: each of a known number, with arguments, parent, failure and end; and arguments of any bytes."""

import pytest

from profiler.probes.execs import command, outcome
from tests.bpf.probes.feed import Row, python, rows_of

pytestmark = pytest.mark.bpf

STARTED, MISSING = 53, 31


def children(code: str) -> list[Row]:
    """What the children of a load did, by their parent's pid."""
    return rows_of("execs", lambda: python("import ctypes, os, signal, sys\n" + code), column="ppid")


def test_every_program_is_told_when_it_begins_and_when_it_ends() -> None:
    code = f"""
for i in range({STARTED}):
    os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {{i % 2 * 7}}", "a b", "c\\nd"], {{}}), 0)
"""
    rows = children(code)
    began = [row for row in rows if row["what"] == "began"]
    ended = {row["pid"]: row for row in rows if row["what"] == "ended"}
    assert (len(began), len(ended)) == (STARTED, STARTED)
    assert [row["command"] for row in began] == [f"sh -c 'exit {i % 2 * 7}' 'a b' 'c\nd'" for i in range(STARTED)]
    assert {(row["path"], row["name"], row["uid"], row["outcome"]) for row in began} == {("/bin/sh", "sh", 0, "")}
    assert [ended[row["pid"]]["outcome"] for row in began] == ["", "status 7"] * (STARTED // 2) + [""]
    assert all(ended[row["pid"]]["at_ns"] - row["at_ns"] == ended[row["pid"]]["took"] for row in began)


def test_what_could_not_start_is_told_with_its_error_and_its_arguments() -> None:
    code = f"""
for i in range({MISSING}):
    if not (pid := os.fork()):
        try: os.execv("/nonexistent/program", ["program", f"--number={{i}}", "--password=hunter2"])
        finally: os._exit(0)
    os.waitpid(pid, 0)
"""
    rows = children(code)
    assert [(row["what"], row["path"], row["command"], row["outcome"]) for row in rows] == [
        ("failed", "/nonexistent/program", f"program --number={i} --password=***", "ENOENT") for i in range(MISSING)
    ]


def test_unreadable_arguments_are_told_as_such() -> None:
    code = """
if not (pid := os.fork()):
    ctypes.CDLL(None).execve(b"/bin/true", ctypes.c_void_p(8), None)
    os._exit(0)
os.waitpid(pid, 0)
"""
    (row,) = children(code)
    assert (row["what"], row["command"], row["outcome"]) == ("failed", "(unreadable)", "EFAULT")


def test_arguments_of_any_bytes_and_any_length() -> None:
    code = """
for args in ([b"sh", b"-c", b":", b"\\xff\\xfe"], ["sh", "-c", ":", ""], ["sh", "-c", ":", "y" * 9000], []):
    if not (pid := os.fork()):
        if args: os.execv("/bin/sh", args)
        ctypes.CDLL(None).execve(b"/bin/true", (ctypes.c_char_p * 1)(None), None)
        os._exit(0)
    os.waitpid(pid, 0)
"""
    began = [row["command"] for row in children(code) if row["what"] == "began"]
    odd, empty, long, _ = began
    assert odd == "sh -c : '\\xff\\xfe'"
    assert empty == "sh -c : ''"
    assert long.startswith("sh -c : yyyy")
    assert long.endswith("y …")
    assert 4000 < len(long) < 4110


def test_a_thread_that_starts_a_program_has_its_processs_number_and_a_signal_ends_it() -> None:
    code = """
import threading
if not (pid := os.fork()):
    threading.Thread(target=os.execv, args=("/bin/sh", ["sh", "-c", "kill -9 $$"])).start()
    signal.pause()
os.waitpid(pid, 0)
"""
    began, ended = children(code)
    assert (began["what"], ended["what"], ended["outcome"]) == ("began", "ended", "SIGKILL")
    assert began["pid"] == ended["pid"]


def test_ends_and_arguments_in_words() -> None:
    assert [outcome(2, status) for status in (0, 256, 9, 139)] == ["", "status 1", "SIGKILL", "SIGSEGV"]
    assert outcome(1, -13) == "EACCES"
    assert command(b"", 2) == "(unreadable)"
    assert command(b"a\0\0b\0", 0) == "a '' b"
