"""Suggestions, comparisons and courses over time of a store whose sums are known."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from profiler.catalog import upkeep
from profiler.catalog.local import local_store
from profiler.core import wire
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame
from profiler.core.profile import ProfileMeta
from profiler.core.stack_sums import stack_sums
from profiler.store.hot import new_profile
from tests.api.conftest import As

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
HOUR_S = 3600
# Two hours ago, at a full hour.
BEGIN_S = int(time.time()) // HOUR_S * HOUR_S - 2 * HOUR_S


def between(begin_s: float, end_s: float, prefix: str = "") -> dict[str, str]:
    """Seconds after BEGIN_S as the API is asked for them."""
    times = (datetime.fromtimestamp(BEGIN_S + s, UTC).isoformat() for s in (begin_s, end_s))
    return dict(zip((f"{prefix}since", f"{prefix}until"), times, strict=True))


def record(name: str, at_s: int, service: str, host: str, stacks: dict[str, int], unit: str = "samples") -> Any:
    meta = ProfileMeta(id=name, host=host, start_ns=(BEGIN_S + at_s) * 10**9, duration_ns=10**9, unit=unit)
    builder = ProfileBuilder(meta)
    for stack, value in stacks.items():
        builder.add(builder.stack(builder.frame(Frame(frame)) for frame in stack.split(";")), value)
    return new_profile(meta, service, stack_sums(builder.build()), {"version": "v1"} if at_s < 1800 else {})


@pytest.fixture(params=["hot", "compacted"])
def filled(request: pytest.FixtureRequest) -> None:
    """An hour of two services: `load` takes more in its second half, `old` is gone, `new` is there."""
    local_store.cache_clear()
    before, after = {"main;load": 20, "main;old": 30, "main": 50}, {"main;load;load": 45, "main;new": 25, "main": 130}
    made = [
        record(f"{service}-{host}-{at_s}", at_s, service, host, before if at_s < 1800 else after)
        for at_s in range(0, HOUR_S, 600)
        for service in ("web", "web-db")
        for host in ("a-1", "a-2")
    ]
    local_store().append(made, int(time.time() * 1000))
    if request.param == "compacted":
        assert upkeep.compact() > 0


@pytest.fixture
def ask(viewer: User, call: As, filled: None) -> Any:
    return call(viewer)


def test_labels_of_the_range_are_suggested_with_how_many_values(ask: Any) -> None:
    def labels(begin_s: int, selector: str = "") -> dict[str, tuple[int, int]]:
        found = ask.get("explore/labels", **between(begin_s, HOUR_S), selector=selector).json()["labels"]
        return {one["name"]: (one["profiles"], one["values"]) for one in found}

    assert labels(0) == {"service": (24, 2), "host": (24, 2), "version": (12, 1)}
    assert labels(0, 'host="a-1"') == {"service": (12, 2), "host": (12, 1), "version": (6, 1)}
    assert labels(1800) == {"service": (12, 2), "host": (12, 2)}


def test_values_are_filtered_limited_and_counted(ask: Any) -> None:
    def values(**more: object) -> Any:
        return ask.get("explore/values", **between(0, HOUR_S), label="service", **more).json()

    web = {"value": "web", "profiles": 12, "total": 2 * (3 * 100 + 3 * 200)}
    assert values()["values"] == [web, {**web, "value": "web-db"}]
    assert values(prefix="WEB-")["values"] == [{**web, "value": "web-db"}]
    assert values(prefix="db")["values"] == [{**web, "value": "web-db"}]
    assert (values(limit=1)["values"], values(limit=1)["more"]) == ([web], 1)
    assert values(prefix="nothing") == {"values": [], "more": 0}


def test_an_empty_range_says_where_there_is_something(ask: Any) -> None:
    later = {"since": between(0, 9 * HOUR_S)["until"], "until": between(0, 10 * HOUR_S)["until"]}
    found = ask.get("explore/extent", **later).json()
    assert found == {"first_ms": BEGIN_S * 1000, "last_ms": (BEGIN_S + HOUR_S) * 1000}
    assert ask.get("explore/extent", **later, selector='host="x"').json() == {"first_ms": None, "last_ms": None}


def test_two_halves_of_an_hour_are_one_tree_with_the_values_of_both(ask: Any) -> None:
    query = between(1800, HOUR_S) | between(0, 1800, "base_")
    response = ask.get("explore/diff", **query, selector='service="web"', base_selector='service="web"')
    header, columns = wire._unpack(response.content)
    assert (header["base"]["total"], header["total"]) == (6 * 100, 6 * 200)
    functions = {one["name"]: (one["self"], one["total"]) for one in header["functions"]}
    assert functions == {
        "main": ([300, 780], [600, 1200]),
        "load": ([120, 270], [120, 270]),
        "old": ([180, 0], [180, 0]),
        "new": ([0, 150], [0, 150]),
    }
    assert int(columns["self"].sum()) == 1200
    assert int(columns["base_self"].sum()) == 600
    assert header["selection"]["missing"] == header["base_selection"]["missing"] == 0


def test_what_is_below_a_path_has_the_values_of_both_sides(ask: Any) -> None:
    query = between(1800, HOUR_S) | between(0, 1800, "base_")
    header, columns = wire._unpack(ask.get("explore/diff", **query, below=["main", "load"]).content)
    assert (header["base"]["total"], header["total"]) == (4 * 3 * 20, 4 * 3 * 45)
    assert columns["self"].tolist() == [0, 0, 0, 540]
    assert columns["base_self"].tolist() == [0, 0, 240, 0]


def test_a_selection_beside_itself_has_no_difference(ask: Any) -> None:
    header, columns = wire._unpack(
        ask.get("explore/diff", **between(0, HOUR_S), **between(0, HOUR_S, "base_"), by="host").content
    )
    assert columns["self"].tolist() == columns["base_self"].tolist()
    assert all(one["self"][0] == one["self"][1] for one in header["functions"])


def test_beside_nothing_everything_is_new(ask: Any) -> None:
    query = between(0, HOUR_S) | between(0, HOUR_S, "base_")
    header, columns = wire._unpack(ask.get("explore/diff", **query, base_selector='host="x"').content)
    assert (header["base"]["total"], header["total"]) == (0, 2 * 1800)
    assert not columns["base_self"].any()


def test_functions_are_largest_by_what_is_asked_for(ask: Any) -> None:
    def functions(order: str) -> Any:
        return ask.get("explore/functions", **between(0, HOUR_S), order=order, top=2).json()

    assert [one["name"] for one in functions("total")["functions"]] == ["main", "load"]
    found = functions("own")
    assert [sum(one["own"]) for one in found["functions"]] == [2 * (300 + 780), 2 * (120 + 270)]
    assert (found["begin_ms"], found["step_ms"]) == (BEGIN_S * 1000, 30_000)


def test_groups_beyond_those_asked_for_are_one_rest(ask: Any) -> None:
    found = ask.get("explore/series", **between(0, HOUR_S), by="host", top=1).json()
    assert (found["groups"], found["rest"]["groups"]) == (["a-1"], 1)
    assert sum(found["rest"]["values"]) == sum(found["values"][0]) == 1800
    assert sum(found["profiles"]) == 24


def test_the_tree_says_what_it_was_put_together_from(ask: Any) -> None:
    header, _ = wire._unpack(ask.get("explore/tree", **between(0, HOUR_S)).content)
    assert header["selection"] == {
        "missing": 0,
        "rounded_ms": 0,
        "steps_ms": [3_600_000] if header["selection"]["steps_ms"] else [],
    }


@pytest.mark.parametrize(
    ("what", "query", "field", "position"),
    [
        ("labels", {"selector": "service="}, "selector", 8),
        ("values", {"selector": 'a="b" c', "label": "host"}, "selector", 6),
        ("values", {"label": "no label"}, "label", None),
        ("extent", {"selector": "!"}, "selector", 0),
        ("diff", {"base_selector": 'host=~"("'}, "base_selector", 7),
    ],
)
def test_a_wrong_question_says_where_it_is_wrong(
    ask: Any, what: str, query: dict[str, str], field: str, position: int | None
) -> None:
    response = ask.get(f"explore/{what}", **between(0, HOUR_S), **between(0, HOUR_S, "base_"), **query)
    assert response.status_code == 422
    error = response.json()["error"]
    assert (error["field"], error.get("position")) == (field, position)


def test_values_of_two_units_are_not_compared(ask: Any) -> None:
    bytes_ = record("bytes", 60, "heap", "a-1", {"main": 5}, unit="bytes")
    local_store().append([bytes_], int(time.time() * 1000))
    query = between(0, HOUR_S) | between(0, HOUR_S, "base_")
    response = ask.get("explore/diff", **query, selector='service="heap"', base_selector='service="web"')
    assert response.status_code == 422
    assert "samples" in response.json()["error"]["message"]
    assert "bytes" in response.json()["error"]["message"]
