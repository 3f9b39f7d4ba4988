"""When functions were on the stack."""

import pytest

from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, Thread
from profiler.core.function_times import MAX_NAMES, function_times
from profiler.core.moments import through
from profiler.core.profile import ProfileMeta
from tests.core.strategies import build, build_timed

MS = 1_000_000
MAIN, PARSE, READ = Frame("main"), Frame("parse"), Frame("read")
WEB = Thread(1, 1, "web")
TWO = build_timed(
    [([MAIN, PARSE, PARSE], WEB, [0, 10 * MS, 30 * MS], 0), ([MAIN, READ], WEB, [35 * MS], 2)],
    ProfileMeta(duration_ns=40 * MS),
)


def test_a_sample_counts_for_every_function_of_its_stack_once() -> None:
    counts = function_times(TWO, ["main", "parse", "read", "gone"], 4, 40 * MS - 1)
    assert counts.tolist() == [[1, 1, 0, 2], [1, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_it_is_what_the_samples_through_the_function_say() -> None:
    for name, row in zip(("main", "parse"), function_times(TWO, ["main", "parse"], 4, 40 * MS - 1), strict=True):
        assert row.sum() == len(through(TWO, name).times)


def test_nothing_has_no_times_and_too_much_is_refused() -> None:
    assert function_times(build([]), ["main"], 2, 0).tolist() == [[0, 0]]
    with pytest.raises(ProfileError, match="MAX_NAMES"):
        function_times(TWO, ["f"] * (MAX_NAMES + 1), 2, 1)
    with pytest.raises(ProfileError, match="MAX_COLUMNS"):
        function_times(TWO, ["f"], 0, 1)
