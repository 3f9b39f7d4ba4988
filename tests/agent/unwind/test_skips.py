"""Things left out are counted once each."""

from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.unwind import skips
from profiler.agent.unwind.skips import Skips


def test_a_thing_that_is_met_again_and_again_counts_once() -> None:
    found = Skips()
    for _ in range(5):
        found.add("no room for rows", "libc")
    assert found.take() == {"no room for rows": 1}
    found.add("no room for rows", "libc")
    assert found.take() == {}


def test_the_same_thing_may_be_left_out_for_two_reasons() -> None:
    found = Skips()
    found.add("no room for a process", 7)
    found.add("mappings over the limit", 7, 30)
    assert found.take() == {"no room for a process": 1, "mappings over the limit": 30}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(1, 9), st.booleans())))
def test_all_that_was_taken_is_the_most_that_each_thing_lacked(adds: list[tuple[str, int, int, bool]]) -> None:
    found, total, most = Skips(), 0, dict[tuple[str, int], int]()
    for reason, thing, amount, take in adds:
        found.add(reason, thing, amount)
        most[reason, thing] = max(amount, most.get((reason, thing), 0))
        if take:
            total += sum(found.take().values())
    assert total + sum(found.take().values()) == sum(most.values())


def test_what_is_remembered_is_bounded() -> None:
    found = Skips()
    for thing in range(skips.MAX_REMEMBERED + 10):
        found.add("x", thing)
    assert found.take() == {"x": skips.MAX_REMEMBERED + 10}
    assert len(found._seen) <= skips.MAX_REMEMBERED
