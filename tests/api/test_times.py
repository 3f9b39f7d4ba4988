"""A part of a profile's time: its tree, and the heat map that it is chosen in."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from profiler.core import wire
from profiler.ingest.ids import new_profile_id
from profiler.ingest.store import Origin, store
from profiler.models import StoredProfile
from tests.agent_double import cpu_profile
from tests.api.conftest import As
from tests.core.strategies import timed

pytestmark = pytest.mark.django_db
MS = 1_000_000


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    """`first` in the first second, `second` in the second one."""
    made = timed([("first", [0, 400 * MS, 990 * MS]), ("second", [1000 * MS, 1500 * MS])], duration_s=2)
    named = replace(made, meta=replace(made.meta, id=str(new_profile_id()), host="web-1"))
    return store(named, Origin(owner, "two phases", "recording"))


def functions(message: bytes) -> dict[str, int]:
    tree = wire.decode(message)
    return {tree.frames[i].name: int(own) for i, own in zip(tree.frame, tree.self_value, strict=True) if own}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"first": 3, "second": 2}),
        ({"from": "0", "to": "1"}, {"first": 3}),
        ({"from": "1"}, {"second": 2}),
        ({"from": "0.4", "to": "1.5"}, {"first": 2, "second": 1}),
        ({"to": "0.0001"}, {"first": 1}),
        ({"from": "7"}, {}),
    ],
)
def test_the_tree_of_a_time_has_exactly_its_samples(
    owner: User, call: As, profile: StoredProfile, asked: dict[str, str], expected: dict[str, int]
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", group="", **asked)
    assert response.status_code == 200
    assert functions(response.content) == expected


def test_a_browser_does_not_take_one_time_for_another(owner: User, call: As, profile: StoredProfile) -> None:
    tags = {call(owner).get(f"profiles/{profile.pk}/tree", **{"from": start})["ETag"] for start in ("0", "1", "1.5")}
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (["@cpu:CPU 0"], {"first": 1, "second": 1}),
        (["0-1@cpu:CPU 2", "@cpu:CPU 1"], {"first": 2, "second": 1}),
        (["1.2-2@thread:sh 1"], {"second": 1}),
    ],
)
def test_the_tree_of_a_row_of_the_heat_map_has_exactly_its_samples(
    owner: User, call: As, profile: StoredProfile, at: list[str], expected: dict[str, int]
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", group="", at=at)
    assert functions(response.content) == expected


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"at": "@cpu:CPU 9"}, "no cpu 'CPU 9' in this recording"),
        ({"at": "@cpu:CPU 0", "base": "@thread:gone 4"}, "no thread 'gone 4'"),
        ({"at": "@planet:mars"}, "'planet:mars' is no row: thread, process, cpu"),
        ({"at": "@"}, "is no row"),
        ({"at": "2-1@cpu:CPU 0"}, "is not after"),
    ],
)
def test_a_row_that_is_not_there_is_refused_in_words(
    owner: User, call: As, profile: StoredProfile, asked: dict[str, str], says: str
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", **asked)
    assert response.status_code == 422
    assert says in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"from": "soon"}, "from", "from: 'soon' is not a number of seconds"),
        ({"to": "-1"}, "to", "to: '-1' is not a number of seconds from 0"),
        ({"to": "nan"}, "to", "'nan'"),
        ({"to": "1e99"}, "to", "'1e99'"),
        ({"from": "1" * 1000}, "from", "is not a number of seconds"),
        ({"from": "2", "to": "2"}, "to", "to: 2 is not after from, which is 2"),
    ],
)
def test_a_time_that_is_none_is_named(
    owner: User, call: As, profile: StoredProfile, asked: dict[str, str], field: str, says: str
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", **asked)
    error = response.json()["error"]
    assert (response.status_code, error["field"]) == (422, field)
    assert says in error["message"]


def test_the_heat_map_has_the_samples_by_second_and_part(owner: User, call: As, profile: StoredProfile) -> None:
    found = call(owner).get(f"profiles/{profile.pk}/heatmap", rows=2).json()
    assert found["counts"] == [[2, 1], [1, 1]]
    assert (found["columns"], found["rows"], found["column_ns"]) == (2, 2, 10**9)
    assert (found["samples"], found["untimed"]) == (5, 0)


def test_a_profile_without_times_says_so(owner: User, call: As) -> None:
    stored = store(cpu_profile("web-1"), Origin(owner, "old", "recording"))
    found = call(owner).get(f"profiles/{stored.pk}/heatmap").json()
    assert (found["samples"], found["untimed"]) == (0, stored.total)
    response = call(owner).get(f"profiles/{stored.pk}/tree", **{"from": "0"})
    assert functions(response.content) == {}


@pytest.mark.parametrize("rows", [0, 5000])
def test_the_rows_of_a_heat_map_are_bounded(owner: User, call: As, profile: StoredProfile, rows: int) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/heatmap", rows=rows)
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "rows"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"at": ["0-0.5"]}, {"first": 2}),
        ({"at": ["0-0.5", "1.4-2"]}, {"first": 2, "second": 1}),
        ({"at": ["0-0.5"], "base": ["1-2"]}, {"first": 2}),
        ({"at": ["5-6"]}, {}),
    ],
)
def test_the_tree_of_parts_has_exactly_their_samples(
    owner: User, call: As, profile: StoredProfile, asked: dict[str, list[str]], expected: dict[str, int]
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", group="", **asked)
    assert functions(response.content) == expected
    again = call(owner).get(f"profiles/{profile.pk}/tree", group="", at=["0-0.25"])
    assert again["ETag"] != response["ETag"]


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"at": ["soon"]}, "at", "at: 'soon' is not two times in seconds with a - between"),
        ({"at": ["1-"]}, "at", "is not a number of seconds"),
        ({"at": ["2-1"]}, "at", "to: 1 is not after from, which is 2"),
        ({"base": ["1-2"]}, "at", "what the base is compared with is missing"),
    ],
)
def test_a_part_that_is_none_is_named(
    owner: User, call: As, profile: StoredProfile, asked: dict[str, list[str]], field: str, says: str
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", **asked)
    error = response.json()["error"]
    assert (response.status_code, error["field"]) == (422, field)
    assert says in error["message"]
