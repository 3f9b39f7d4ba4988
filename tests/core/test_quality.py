"""Qualities add up, fit into a batch whatever an agent counted, and survive the way through JSON."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core import batch
from profiler.core.errors import BatchError
from profiler.core.frame import Frame, Thread
from profiler.core.profile import ProfileMeta
from profiler.core.quality import MAX_COUNTS, MAX_LABEL, MAX_MODULES, OTHERS, ModuleFacts, Quality
from tests.core.strategies import build
from tests.core.test_batch import altered

WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=3)
COUNTS = st.dictionaries(WORDS, st.integers(1, 2**40), max_size=4)
NUMBERS = st.integers(0, 2**40)
FACTS = st.builds(ModuleFacts, WORDS, WORDS, WORDS, st.sampled_from(["", "dpkg"]))
QUALITIES = st.builds(
    Quality,
    NUMBERS,
    *([COUNTS] * 4),
    NUMBERS,
    NUMBERS,
    COUNTS,
    COUNTS,
    NUMBERS,
    NUMBERS,
    st.lists(FACTS, max_size=3, unique_by=lambda facts: facts[:2]).map(lambda facts: tuple(sorted(facts))),
)


@given(QUALITIES, QUALITIES, QUALITIES)
def test_adding_is_associative_and_commutative(one: Quality, two: Quality, three: Quality) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one
    assert one + Quality() == one


def test_sums_are_sums_and_the_largest_memory_is_the_largest() -> None:
    libc = ModuleFacts("libc.so.6", "ab", "libc6", "dpkg")
    both = Quality(3, {"x": 1}, agent_rss_bytes=7, thinned=2, modules=(libc,)) + Quality(
        4, {"x": 2, "y": 1}, agent_rss_bytes=5, thinned=1, modules=(libc,)
    )
    assert (both.samples, both.lost, both.thinned) == (7, {"x": 3, "y": 1}, 3)
    assert (both.agent_rss_bytes, both.modules) == (7, (libc,))


def test_a_file_is_listed_once_with_the_package_that_anybody_knows() -> None:
    without, known = ModuleFacts("libc.so.6", "ab"), ModuleFacts("libc.so.6", "ab", "libc6", "dpkg")
    other = ModuleFacts("libc.so.6", "cd")
    assert (Quality(modules=(without, other)) + Quality(modules=(known,))).modules == (known, other)


@given(QUALITIES)
def test_through_json_and_through_a_batch_it_stays_the_same(quality: Quality) -> None:
    assert Quality.from_dict(json.loads(json.dumps(quality.to_dict()))) == quality
    assert quality.bounded() == quality


def test_more_reasons_than_a_batch_holds_become_one_that_counts_the_rest() -> None:
    reasons = {f"reason {i}": i + 1 for i in range(MAX_COUNTS + 10)}
    bounded = Quality(skipped=reasons, modules=tuple(ModuleFacts(f"m{i}") for i in range(MAX_MODULES + 1))).bounded()
    assert len(bounded.skipped) == MAX_COUNTS
    assert sum(bounded.skipped.values()) == sum(reasons.values())
    assert bounded.skipped[OTHERS] == sum(range(1, 12))
    assert len(bounded.modules) == MAX_MODULES


def test_a_long_reason_costs_its_end_and_not_the_profile() -> None:
    profile = build([([Frame("main")], Thread(), 1)], ProfileMeta(id="a"))
    long = Quality(1, hints={"x" * 1000: 1, "x" * 1001: 2}, modules=(ModuleFacts("m" * 1000),))
    decoded = batch.decode(batch.encode(type(profile)(**(vars(profile) | {"quality": long})))).quality
    assert decoded.hints == {"x" * MAX_LABEL: 3}
    assert decoded.modules == (ModuleFacts("m" * MAX_LABEL),)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("quality__modules", [{"module": "m", "build_id": "", "package": ""}], "quality.modules.0.packager"),
        (
            "quality__modules",
            [{"module": "m" * 257, "build_id": "", "package": "", "packager": ""}],
            "modules.0.module",
        ),
        ("quality__hints", {f"h{i}": 1 for i in range(MAX_COUNTS + 1)}, "quality.hints"),
        ("quality__thinned", -1, "quality.thinned"),
        ("quality__agent_rss_bytes", 2**63, "quality.agent_rss_bytes"),
    ],
)
def test_what_an_agent_may_not_send_is_named(field: str, value: object, says: str) -> None:
    with pytest.raises(BatchError, match=says):
        batch.decode(altered(**{field: value}))
