"""What a selector accepts, what it means, and where it says that something is wrong."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.selector import MAX_MATCHERS, MAX_SELECTOR, Match, Matcher, Selector, SelectorError, parse

LABELS = st.sampled_from(["service", "host", "_x", "k8s.pod"])
MATCHERS = st.builds(Matcher, LABELS, st.sampled_from([Match.EQUAL, Match.DIFFERENT]), st.text(max_size=8))
PATTERNS = st.builds(
    Matcher, LABELS, st.sampled_from([Match.LIKE, Match.UNLIKE]), st.sampled_from(["web.*", "a|b", r"\d+", "[^x]?", ""])
)


def like(pattern: str, values: list[str]) -> set[str]:
    return {value for value in values if re.fullmatch(pattern, value)}


@given(st.lists(st.one_of(MATCHERS, PATTERNS), max_size=5))
def test_a_selector_prints_as_text_that_means_the_same(matchers: list[Matcher]) -> None:
    selector = Selector(tuple(matchers))
    assert parse(str(selector)) == selector


@given(st.text(max_size=40))
def test_any_text_is_a_selector_or_an_error_within_it(text: str) -> None:
    with suppress(SelectorError):
        parse(text)
        return
    with pytest.raises(SelectorError) as caught:
        parse(text)
    assert 0 <= caught.value.position <= len(text)


@pytest.mark.parametrize(
    ("text", "labels", "fits"),
    [
        ("", {}, True),
        (" ", {"service": "x"}, True),
        ('service="web"', {"service": "web"}, True),
        ('service="web"', {"service": "web2"}, False),
        ('service=~"web.*",', {"service": "web2"}, True),
        ('service=~"web"', {"service": "web2"}, False),
        ('service!~"web|db"', {"service": "cache"}, True),
        ('host=""', {"service": "web"}, True),
        ('host!="a" , service = "web"', {"service": "web"}, True),
        ('host=~"db-\\d"', {"host": "db-7"}, True),
        ('cmd="say \\"hi\\""', {"cmd": 'say "hi"'}, True),
        ('cmd="C:\\\\n"', {"cmd": "C:\\n"}, True),
        ('cmd="two\\nlines"', {"cmd": "two\nlines"}, True),
    ],
)
def test_which_series_fit(text: str, labels: dict[str, str], fits: bool) -> None:
    assert parse(text).choose({1: labels, 2: labels}, like) == ([1, 2] if fits else [])


def test_an_expression_that_the_engine_refuses_is_an_error_at_its_place() -> None:
    def refuses(pattern: str, values: list[str]) -> set[str]:
        raise ValueError("no backreferences")

    with pytest.raises(SelectorError, match=r"character 21: .*no backreferences"):
        parse('service="a", host=~"(.)\\1"').choose({1: {"service": "a"}}, refuses)


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("service", 7, "expected =, !=, =~ or !~, but the text ends"),
        ("=1", 0, "expected the name of a label, not '='"),
        ('service=web"', 8, "expected a text in double quotes, not 'w'"),
        ('service="web', 8, "no closing"),
        ('service="web" host="a"', 14, "expected a comma or the end, not 'h'"),
        ('a="1",,b="2"', 6, "expected the name of a label, not ','"),
        ('host=~"db-("', 7, "no regular expression"),
        ('host=~"' + "a" * 300 + '"', 7, "MAX_PATTERN"),
        (",".join(['a="1"'] * (MAX_MATCHERS + 1)), 6 * MAX_MATCHERS, "MAX_MATCHERS"),
        ("a" * (MAX_SELECTOR + 1), MAX_SELECTOR, "MAX_SELECTOR"),
    ],
)
def test_an_error_points_at_its_character(text: str, position: int, says: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse(text)
    assert caught.value.position == position
    assert f"character {position + 1}:" in str(caught.value)
    assert says in str(caught.value)


def test_parsing_a_hostile_text_takes_no_time() -> None:
    began = time.process_time()
    with pytest.raises(SelectorError):
        parse('a="' + "\\" * (MAX_SELECTOR - 10) + "x")
    assert time.process_time() - began < 1
