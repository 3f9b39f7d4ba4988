"""Files made, removed and renamed, each of a prime number; and questions after files that are not there."""

from collections import Counter
from pathlib import Path

import pytest

from tests.bpf.probes.feed import LOAD, python, rows_of

pytestmark = pytest.mark.bpf

CREATED, REMOVED, MADE, RENAMED, LINKED, LINKED_BY_NAME, OPENED_AGAIN = 101, 53, 31, 29, 23, 19, 17
CHANGES = f"""
import os, sys
os.chdir(sys.argv[1])
def touch(name, flags=0): os.close(os.open(name, os.O_WRONLY | os.O_CREAT | flags))
for i in range({CREATED}): touch(f"file-{{i}}")
for i in range({OPENED_AGAIN}): touch("file-0", os.O_TRUNC)
for i in range({RENAMED}): os.rename(f"file-{{i}}", f"renamed-{{i}}")
for i in range({LINKED}): os.link("file-60", f"link-{{i}}")
for i in range({LINKED_BY_NAME}): os.symlink("target", f"symbolic-{{i}}")
for i in range({REMOVED}): os.unlink(f"file-{{i + {RENAMED}}}" if i != 31 else "renamed-0")
for i in range({MADE}): os.mkdir(f"directory-{{i}}")
for i in range({MADE}): os.rmdir(f"directory-{{i}}")
try: os.rmdir("/proc/self")
except OSError: pass
"""


def test_every_change_is_told_once_and_opening_a_file_again_is_none(tmp_path: Path) -> None:
    rows = rows_of("file_changes", lambda: python(CHANGES, str(tmp_path)), comm=LOAD)
    done = Counter(row["what"] for row in rows if not row["error"])
    assert done == {
        "create": CREATED,
        "rename": RENAMED,
        "link": LINKED,
        "symbolic link": LINKED_BY_NAME,
        "remove": REMOVED,
        "make directory": MADE,
        "remove directory": MADE,
    }
    assert {(row["path"], row["other"]) for row in rows if row["what"] == "rename"} == {
        (f"file-{i}", f"renamed-{i}") for i in range(RENAMED)
    }
    assert ("symbolic-0", "target") in {(row["path"], row["other"]) for row in rows}
    assert [(row["path"], row["what"]) for row in rows if row["error"]] == [("/proc/self", "remove directory")]


MISSING, THERE = 131, 37
LOOKS = f"""
import os
for i in range({MISSING}): os.path.exists(f"/nowhere/{{i}}")
for i in range({THERE}): os.stat("/")
for i in range({THERE}): os.access("/nowhere/access", os.R_OK)
"""


def test_looking_for_what_is_not_there_is_told_and_what_is_there_only_when_asked_for() -> None:
    rows = rows_of("stats", lambda: python(LOOKS), comm=LOAD)
    missing = Counter(row["call"] for row in rows if row["path"].startswith("/nowhere"))
    assert sum(missing.values()) == MISSING + THERE
    assert missing["access"] + missing["faccessat"] == THERE
    assert "" not in {row["error"] for row in rows}
    rows = rows_of("stats", lambda: python(LOOKS), comm=LOAD, failed=False)
    assert len([row for row in rows if row["path"] == "/" and not row["error"]]) == THERE
