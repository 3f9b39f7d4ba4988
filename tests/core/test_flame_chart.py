"""Stacks in the order of time: what a thread did when."""

import numpy as np
import pytest

from profiler.core import flame_chart, wire
from profiler.core.errors import ProfileError
from profiler.core.flame_chart import encode_chart
from profiler.core.frame import Frame, Thread
from profiler.core.profile import Profile, ProfileMeta
from tests.core.strategies import build_timed

MS = 1_000_000
MAIN, READ, PARSE = Frame("main"), Frame("read"), Frame("parse")
ONE, OTHER = Thread(7, 7, "web"), Thread(7, 8, "web")
META = ProfileMeta(duration_ns=100 * MS, period_ns=10 * MS)
TWO = build_timed(
    [
        ([MAIN, READ], ONE, [0, 10 * MS, 60 * MS], 0),
        ([MAIN, PARSE], ONE, [22 * MS], 0),
        ([MAIN], OTHER, [0, 12 * MS], 0),
    ],
    META,
)


def drawn(profile: Profile, lane: str) -> list[tuple[int, str, int, int]]:
    """Depth, name, begin and length in ms."""
    message = encode_chart(profile, lane, 100 * MS - 1)
    tree = wire.decode(message)
    start = wire._unpack(message)[1]["start"]  # what only the browser reads
    rows = zip(tree.depth.tolist(), tree.frame.tolist(), start.tolist(), tree.total.tolist(), strict=True)
    return [(depth, tree.frames[frame].name, int(at) // MS, total // MS) for depth, frame, at, total in rows]


def test_a_frame_lasts_as_long_as_sample_after_sample_has_it() -> None:
    assert drawn(TWO, "web 7") == [
        (0, "web 7", 0, 100),
        (1, "main", 0, 32),
        (2, "read", 0, 22),
        (2, "parse", 22, 10),
        (1, "main", 60, 10),
        (2, "read", 60, 10),
    ]


def test_each_thread_has_its_own_chart() -> None:
    assert drawn(TWO, "web 8") == [(0, "web 8", 0, 100), (1, "main", 0, 22)]


def test_a_sample_that_weighs_more_lasts_longer() -> None:
    """The agent lowered its rate: each sample stands for three periods, so the next one is due that much later."""
    heavy = build_timed([([MAIN], ONE, [0, 0, 0, 33 * MS, 33 * MS, 33 * MS], 0)], META)
    assert drawn(heavy, "web 7") == [(0, "web 7", 0, 100), (1, "main", 0, 63)]


def test_values_add_up_to_the_whole_time() -> None:
    tree = wire.decode(encode_chart(TWO, "web 7", 100 * MS - 1))
    assert tree.self_value.min() >= 0
    assert tree.self_value.sum() == tree.total[0] == 100 * MS
    assert tree.meta.unit == "nanoseconds"


def test_recursion_and_a_stack_that_comes_again_are_frames_of_their_own() -> None:
    again = build_timed([([MAIN, MAIN], ONE, [0], 0), ([MAIN], ONE, [10 * MS], 0), ([PARSE], ONE, [20 * MS], 0)], META)
    assert drawn(again, "web 7")[1:] == [(1, "main", 0, 20), (2, "main", 0, 10), (1, "parse", 20, 10)]


def test_what_can_not_be_drawn_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProfileError, match="no thread 'gone 9'"):
        encode_chart(TWO, "gone 9", 100)
    monkeypatch.setattr(flame_chart, "MAX_CHART_NODES", 3)
    with pytest.raises(ProfileError, match="more than 3 frames"):
        encode_chart(TWO, "web 7", 100 * MS)


def test_a_thread_without_a_time_is_drawn_as_idle() -> None:
    idle = build_timed([([MAIN], ONE, [], 4)], META)
    assert drawn(idle, "web 7") == [(0, "web 7", 0, 100)]
    assert np.all(np.array([total for *_, total in drawn(idle, "web 7")]) > 0)
