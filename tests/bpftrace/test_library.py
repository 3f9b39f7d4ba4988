"""The library: enough programs, and parameters that can't become more than a value."""

import pytest

from profiler.bpftrace.library import library, one_liner
from profiler.errors import InvalidError, NotFoundError


def test_there_are_enough_and_each_says_what_it_costs() -> None:
    entries = library()
    assert len(entries) >= 20
    assert len({entry.name for entry in entries}) == len(entries)
    assert all(entry.title and entry.about and entry.cost for entry in entries)


@pytest.mark.parametrize("entry", library(), ids=lambda entry: entry.name)
def test_the_defaults_fit_and_every_place_is_filled(entry: object) -> None:
    text = one_liner(entry.name).text({})  # type: ignore[attr-defined]
    assert "<<" not in text


def test_values_are_inserted_where_they_belong() -> None:
    text = one_liner("slow-syscalls").text({"comm": "redis-server", "microseconds": "0250"})
    assert 'comm == "redis-server"' in text
    assert "$us > 250" in text


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("slow-syscalls", {"comm": 'x"/ { system("id"); }'}, "comm"),
        ("slow-syscalls", {"comm": ""}, "comm"),
        ("slow-syscalls", {"comm": "sixteencharacter"}, "comm"),
        ("slow-syscalls", {"microseconds": "5; }"}, "microseconds"),
        ("slow-syscalls", {"microseconds": "0"}, "microseconds"),
        ("slow-syscalls", {"microseconds": "٣"}, "microseconds"),
        ("slow-syscalls", {"microseconds": "9" * 30}, "microseconds"),
        ("function-calls", {"path": "relative"}, "path"),
        ("function-calls", {"path": "/bin/a b"}, "path"),
        ("function-calls", {"path": "/bin/x:main { } uprobe:/y"}, "path"),
        ("function-calls", {"symbol": "main/1/"}, "symbol"),
        ("function-calls", {"symbol": "main\n{"}, "symbol"),
        ("function-calls", {"symbol": "*"}, "symbol"),
        ("function-calls", {"other": "1"}, "other"),
    ],
)
def test_what_is_no_value_is_refused_by_name(name: str, given: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        one_liner(name).text(given)
    assert refused.value.field == field


def test_a_name_that_the_library_has_not_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="'nothing'"):
        one_liner("nothing")
