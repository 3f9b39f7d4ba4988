"""The cache is bounded by bytes."""

from profiler.store.cache import ByteCache


def test_the_least_recently_used_leaves_first() -> None:
    cache: ByteCache[str, bytes] = ByteCache(10, len)
    made: list[str] = []

    def get(key: str, size: int) -> None:
        def make() -> bytes:
            made.append(key)
            return bytes(size)

        cache.get(key, make)

    get("a", 4)
    get("b", 4)
    get("a", 4)
    get("c", 4)
    assert cache.bytes == 8
    get("a", 4)
    get("b", 4)
    assert made == ["a", "b", "c", "b"]


def test_what_is_over_the_bound_is_returned_but_not_kept() -> None:
    cache: ByteCache[str, bytes] = ByteCache(10, len)
    assert len(cache.get("huge", lambda: bytes(11))) == 11
    assert cache.bytes == 0
