"""What all feeds take of memory together is bounded, and every one of them gets something."""

import pytest

from profiler.agent.probes.events import FIXED_RING_BYTES
from profiler.agent.probes.room import (
    LEAST_RING_BYTES,
    MAX_FEEDS,
    MAX_RINGS_BYTES,
    NoRoomError,
    RingRoom,
    WaitingRoom,
)


def test_the_first_feeds_have_what_they_want_and_the_last_one_its_least() -> None:
    room = RingRoom()
    sizes = [room.take(FIXED_RING_BYTES) for _ in range(MAX_FEEDS)]
    assert sizes[0] == FIXED_RING_BYTES
    assert sizes[-1] == LEAST_RING_BYTES
    assert sum(sizes) <= MAX_RINGS_BYTES
    assert all(size & size - 1 == 0 for size in sizes), "powers of two"


def test_what_is_given_back_can_be_taken_again() -> None:
    room = RingRoom()
    for _ in range(3 * MAX_FEEDS):
        size = room.take(FIXED_RING_BYTES)
        assert size == FIXED_RING_BYTES
        room.give_back(size)


def test_when_nothing_is_left_it_says_so() -> None:
    room = RingRoom(feeds=1, most=LEAST_RING_BYTES)
    room.take(FIXED_RING_BYTES)
    with pytest.raises(NoRoomError, match="1 feeds have all 1 MB of memory for their rings"):
        room.take(FIXED_RING_BYTES)


def test_what_waits_is_bounded_but_what_must_be_kept_is() -> None:
    room = WaitingRoom(most=10)
    assert room.take(7, must=False)
    assert not room.take(4, must=False)
    assert room.take(4, must=True)
    room.give_back(7)
    assert room.take(6, must=False)
    assert not room.take(1, must=False)
