"""Opened files: all of a known number, failures with their error, and paths of any bytes."""

from collections import Counter
from pathlib import Path

import pytest

from tests.bpf.probes.feed import LOAD, python, rows_of, watching

pytestmark = pytest.mark.bpf

OPENED, MISSING = 307, 101
OPENS = f"""
import os, sys
directory = sys.argv[1]
for i in range({OPENED}): os.close(os.open(f"{{directory}}/file", os.O_RDWR | os.O_CREAT | os.O_APPEND))
for i in range({MISSING}):
    try: os.open(f"{{directory}}/missing-{{i}}", os.O_RDONLY)
    except FileNotFoundError: pass
"""


def test_every_open_is_told_with_its_flags_and_its_error(tmp_path: Path) -> None:
    rows = rows_of("opens", lambda: python(OPENS, str(tmp_path)), comm=LOAD)
    ours = [row for row in rows if row["path"].startswith(str(tmp_path))]
    counted = Counter((row["path"] == f"{tmp_path}/file", row["error"], row["flags"]) for row in ours)
    assert counted == {
        (True, "", "O_RDWR|O_CREAT|O_APPEND|O_CLOEXEC"): OPENED,
        (False, "ENOENT", "O_RDONLY|O_CLOEXEC"): MISSING,
    }
    assert all((row["descriptor"] >= 0) == (row["error"] == "") and row["name"] == LOAD for row in ours)
    assert all(row["took"] > 0 for row in ours)


def test_only_failures_when_asked_for(tmp_path: Path) -> None:
    rows = rows_of("opens", lambda: python(OPENS, str(tmp_path)), comm=LOAD, failed=True)
    assert len([row for row in rows if row["path"].startswith(str(tmp_path))]) == MISSING
    assert "" not in {row["error"] for row in rows}


ODD = r"""
import ctypes, os, sys
directory = os.fsencode(sys.argv[1])
for name in (b"a\nb\tc", b"\xff\xfe.bin", "ü – 日本".encode(), b"' ; rm -rf"):
    os.close(os.open(directory + b"/" + name, os.O_CREAT | os.O_WRONLY))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.open(ctypes.c_void_p(8), 0) == -1
for path in (b"/x" * 3000, b"/" + b"y" * 4000):
    try: os.open(path, 0)
    except OSError: pass
"""


def test_paths_of_any_bytes_unreadable_and_far_too_long_ones_are_told(tmp_path: Path) -> None:
    rows = rows_of("opens", lambda: python(ODD, str(tmp_path)), comm=LOAD)
    created = [row["path"].removeprefix(f"{tmp_path}/") for row in rows if "O_CREAT" in row["flags"]]
    assert created == ["a\nb\tc", "\\xff\\xfe.bin", "ü – 日本", "' ; rm -rf"]
    failed = {row["path"]: row["error"] for row in rows if row["error"] not in ("", "ENOENT")}
    assert failed["(unreadable)"] == "EFAULT"
    assert failed["/x" * 2047 + "…"] == "ENAMETOOLONG"
    assert failed["/" + "y" * 4000] == "ENAMETOOLONG"


def test_where_the_host_hides_what_is_private_no_path_leaves_it(tmp_path: Path) -> None:
    with watching("opens", hides_private=True, comm=LOAD) as watched:
        python(OPENS, str(tmp_path))
    assert len(watched.rows) >= OPENED
    assert "path" not in watched.rows[0]
    assert str(tmp_path) not in str(watched.batches)


def test_a_filter_that_nothing_fits_shows_nothing(tmp_path: Path) -> None:
    with watching("opens", comm="nobody-is-named") as watched:
        python(OPENS, str(tmp_path))
    assert watched.rows == []
