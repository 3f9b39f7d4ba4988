"""Numbers of frames, and of places in files, are forgotten together."""

import pytest

from profiler.agent.sampling import frame_table
from profiler.agent.sampling.frame_table import FrameTable
from profiler.core.frame import Frame


def test_a_place_keeps_its_number_until_the_numbers_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    table = FrameTable()
    table.remember_place(7, 0x40, table.number(Frame("main")))
    assert table.place(7, 0x40) == 0
    assert table.place(8, 0x40) is None, "another file"
    monkeypatch.setattr(frame_table, "MAX_FRAMES", 0)
    table.clear_if_large()
    assert table.place(7, 0x40) is None


def test_no_more_places_are_kept_than_the_bound_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_table, "MAX_PLACES", 10)
    table = FrameTable()
    for offset in range(25):
        table.remember_place(1, offset, 0)
    assert table.place(1, 24) == 0
    assert sum(table.place(1, offset) is not None for offset in range(25)) <= 10
