"""The copies of objects: bounded, the least recently used leave first, half ones are never seen."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from profiler.store.objects.cache import ABANDONED_S, FRESH_S, IDLE_S, TOUCH_S, Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", limit=100)


def keep(cache: Cache, name: str, size: int, used_s_ago: float = FRESH_S + 1) -> None:
    cache.write(name, [bytes(size)])
    at = time.time() - used_s_ago
    os.utime(cache.path(name), (at, at))


def names(cache: Cache) -> set[str]:
    return {path.name for path in cache.root.iterdir()}


def test_the_least_recently_used_leave_until_there_is_room(cache: Cache) -> None:
    for number, size in enumerate((30, 40, 20)):
        keep(cache, f"{number}", size, used_s_ago=TOUCH_S * (5 - number))
    cache.shrink(room=10)
    assert names(cache) == {"0", "1", "2"}
    assert cache.has("0", 30), "that is a use"
    cache.shrink(room=40)
    assert names(cache) == {"0", "2"}
    assert cache.bytes() == 50


def test_what_is_being_read_stays_and_may_go_after(cache: Cache) -> None:
    keep(cache, "read", 90, used_s_ago=20)
    keep(cache, "new", 5)
    with cache.using(["read"]), cache.using(["read"]):
        cache.shrink(room=100)
        assert names(cache) == {"read"}
    cache.shrink(room=100)
    assert names(cache) == set()


def test_what_was_fetched_just_now_is_left_to_who_is_going_to_read_it(cache: Cache) -> None:
    keep(cache, "theirs", 90, used_s_ago=FRESH_S - 5)
    keep(cache, "old", 90)
    cache.shrink(room=100)
    assert names(cache) == {"theirs"}


def test_what_nobody_asked_for_in_a_day_goes_though_there_is_room(cache: Cache) -> None:
    """So do copies of what was deleted meanwhile, on machines that nobody tells."""
    keep(cache, "old", 1, used_s_ago=IDLE_S + 10)
    keep(cache, "fresh", 1, used_s_ago=IDLE_S - 60)
    cache.shrink()
    assert names(cache) == {"fresh"}


def test_a_copy_of_another_size_is_none(cache: Cache) -> None:
    keep(cache, "cut", 7)
    assert not cache.has("cut", 8)
    assert not cache.has("nowhere", 8)
    assert cache.has("cut", 7)
    assert not cache.is_whole("cut", 7, crc32=1)


def test_what_breaks_off_leaves_nothing(cache: Cache) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        cache.write("name", pieces())
    assert names(cache) == set()


def test_half_a_file_of_a_killed_process_goes_and_one_of_a_living_stays(cache: Cache) -> None:
    keep(cache, "a.1.tmp", 200)
    keep(cache, "b.2.tmp", 1, used_s_ago=ABANDONED_S + 10)
    cache.shrink()
    assert names(cache) == {"a.1.tmp"}
