"""Who descends from whom."""

import os
import subprocess

from profiler.agent.targets.children import descendants, processes

FAMILY = {1: (0, "init"), 2: (1, "a"), 3: (2, "b"), 4: (3, "c"), 5: (1, "d"), 6: (99, "orphan")}


def test_descendants_are_children_and_theirs_but_not_the_roots() -> None:
    assert descendants([2], FAMILY) == {3, 4}
    assert descendants([4, 5], FAMILY) == set()
    assert descendants([2, 3], FAMILY) == {3, 4}
    assert descendants([77], FAMILY) == set()


def test_a_table_that_changed_while_it_was_read_has_no_end_either() -> None:
    assert descendants([1], {1: (2, "x"), 2: (1, "y")}) == {1, 2}


def test_this_process_is_the_parent_of_what_it_starts() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        table = processes()
        child.kill()
    assert table[child.pid][0] == os.getpid()
    assert child.pid in descendants([os.getpid()], table)
