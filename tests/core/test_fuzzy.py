"""Fuzzy names: what fits, where, and what fits better."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.fuzzy import MAX_STARTS, match


@pytest.mark.parametrize(
    ("wanted", "name", "places"),
    [
        ("hosts", "Hosts", (0, 1, 2, 3, 4)),
        ("dbf", "Debug files", (0, 2, 6)),
        ("web1", "web-1", (0, 1, 2, 4)),
        ("sr", "Service rules", (0, 8)),
        ("a b", "xa-b", (1, 3)),
        ("É", "café É", (5,)),
        ("", "anything", ()),
    ],
)
def test_letters_are_found_in_their_order(wanted: str, name: str, places: tuple[int, ...]) -> None:
    found = match(wanted, name)
    assert found
    assert found.places == places


@pytest.mark.parametrize(("wanted", "name"), [("tsoh", "Hosts"), ("hostss", "Hosts"), ("x", ""), ("ab", "b a")])
def test_what_has_not_all_letters_in_order_does_not_fit(wanted: str, name: str) -> None:
    assert match(wanted, name) is None


@pytest.mark.parametrize(
    ("wanted", "better", "worse"),
    [
        ("web", "web-1", "w-e-b"),
        ("web", "web-1", "my-web-1"),
        ("op", "Operations", "Explore, stopped"),
        ("cp", "Continuous profiling", "cheap"),
        ("db", "old db", "dashboard"),
    ],
)
def test_closer_together_earlier_and_at_words_beginnings_is_better(wanted: str, better: str, worse: str) -> None:
    good, bad = match(wanted, better), match(wanted, worse)
    assert good
    assert bad
    assert good.score > bad.score


@given(st.text(max_size=6), st.text(max_size=20))
def test_what_is_marked_are_the_wanted_letters(wanted: str, name: str) -> None:
    found = match(wanted, name)
    if found:
        letters = list("".join(wanted.split()))
        marked = [name[place] for place in found.places]
        assert len(marked) == len(letters)
        assert list(found.places) == sorted(set(found.places))
        assert all(a == b or a.lower() == b.lower() for a, b in zip(marked, letters, strict=True))


@given(st.text(alphabet="ab-", max_size=5), st.text(alphabet="abc-", max_size=MAX_STARTS))
def test_nothing_that_fits_is_missed(wanted: str, name: str) -> None:
    rest = iter(name)
    assert (match(wanted, name) is not None) == all(letter in rest for letter in wanted)


def test_a_hostile_name_takes_no_time() -> None:
    begin = time.process_time()
    for _ in range(50):
        match("a" * 100 + "b", "a" * 200)
    assert time.process_time() - begin < 1
