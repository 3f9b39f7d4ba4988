"""Whatever a program writes, however it is cut: results within their bounds, and every line counted."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.bpftrace.collector import Collector
from profiler.core.bpftrace.feed import LINES_PER_S, Feed
from profiler.core.bpftrace.lines import LineSplitter
from profiler.core.bpftrace.output import Printed, UnreadableError, read_line
from profiler.core.bpftrace.results import (
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_MAP_CHARACTERS,
    MAX_MAPS,
    MAX_POINTS,
    MAX_ROWS,
    MapResult,
    ProgramReport,
    Results,
    ResultsError,
    decode,
    encode,
)
from profiler.core.channel import RunState

GOLDEN = Path(__file__).parents[2] / "golden" / "bpftrace"
RUN = "0192f000-0000-7000-8000-000000000001"


def collected(data: bytes, at_ms: int = 0) -> Results:
    collector = Collector("")
    collector.feed(data, at_ms)
    collector.end()
    return collector.results()


def golden(name: str) -> Results:
    return collected((GOLDEN / f"{name}.json").read_bytes())


def maps_of(results: Results) -> dict[str, MapResult]:
    return {each.name: each for each in results.maps}


def said(kind: str, data: object) -> bytes:
    return json.dumps({"type": kind, "data": data}).encode() + b"\n"


def report(results: Results) -> ProgramReport:
    return ProgramReport(run=RUN, host="web-1", state=RunState.DONE, at_ns=1, results=results)


def test_maps_of_all_kinds_are_read() -> None:
    results = golden("maps")
    maps = maps_of(results)
    assert results.probes == 2
    assert maps["@n"].rows == [("", 211)]
    assert not maps["@n"].keyed
    assert maps["@by"].rows == [("load,0", 7455), ("load,2", 7385), ("load,1", 7315)]
    assert maps["@h"].shows == "histogram"
    assert maps["@h"].rows[0][1][:3] == [(0, 0, 1), (1, 1, 1), (2, 3, 2)]  # type: ignore[index]
    assert maps["@kh"].rows[0][0] == "load"
    assert maps["@l"].rows[0][1][-1] == (100, None, 111)  # type: ignore[index]
    assert maps["@neg"].rows == [("", [(None, -1, 1)])]
    assert maps["@s"].rows == [("", (211, 105, 22155))]
    assert maps["@ks"].rows == [("load", (211, 105, 22155))]
    assert maps["@a"].rows == [("", 105)]
    assert maps["@t"].rows == [("", '[1, "x", 3]')]
    assert maps["@who"].shows == "text"
    assert results.printed.unreadable == 0


def test_lines_are_put_together_and_bytes_that_bpftrace_spoils_are_read() -> None:
    printed = golden("printed").printed
    assert printed.text == ['a "quoted" 5', "no end, ended", "at 12 o clock", "x", '[1, 2, "a"]', "5", "é|\x01�"]
    assert (printed.seen, printed.over_rate, printed.scrolled) == (8, 0, 0)


def test_a_map_that_is_printed_again_and_again_is_a_series() -> None:
    maps = maps_of(golden("series"))
    assert [point.rows for point in maps["@c"].points] == [[("", 1)], [("", 1)], [("", 0)]]
    assert [point.rows for point in maps["@k"].points] == [[("1", 1)], [("2", 1)]]


def test_lines_over_the_rate_are_counted_exactly() -> None:
    collector, lines = Collector(""), (1009, 10_007, 1_000_003)
    for second, count in enumerate(lines):
        collector.feed(said("printf", "x\n") * count, second * 1000)
    printed = collector.results().printed
    assert printed.seen == sum(lines)
    assert printed.over_rate == sum(lines) - len(lines) * LINES_PER_S
    assert len(printed.text) + printed.scrolled == len(lines) * LINES_PER_S


def test_the_last_lines_stay_and_the_others_are_counted() -> None:
    feed = Feed()
    for number in range(MAX_LINES + 101):
        feed.add(Printed(f"{number}\n"), number)
    told = feed.told(0)
    assert (told.text[0], told.text[-1], told.scrolled) == ("101", str(MAX_LINES + 100), 101)


def test_a_text_without_end_is_cut() -> None:
    feed = Feed()
    for _ in range(100):
        feed.add(Printed("x" * 1000), 0)
    assert all(len(line) <= MAX_LINE_CHARACTERS for line in feed.told(0).text)


def test_lost_events_are_added_up() -> None:
    assert collected(said("lost_events", {"events": 1249}) * 7).printed.lost == 7 * 1249


def test_too_many_keys_keep_the_largest_rows_and_count_the_others() -> None:
    results = collected(said("map", {"@": {str(key): key for key in range(MAX_ROWS + 211)}}))
    (only,) = results.maps
    assert (len(only.rows), only.left_out, only.rows[0]) == (MAX_ROWS, 211, (str(MAX_ROWS + 210), MAX_ROWS + 210))


def test_maps_take_no_more_than_their_room_together() -> None:
    keys = {f"{key:05}" + "k" * 15_000: 1 for key in range(200)}
    results = collected(said("map", {"@a": keys}) + said("map", {"@b": keys}))
    assert sum(len(key) for each in results.maps for key, _ in each.rows) <= MAX_MAP_CHARACTERS
    assert [len(each.rows) + each.left_out for each in results.maps] == [200, 200]
    decode(encode(report(results)))


def test_too_many_maps_and_too_many_points_are_counted() -> None:
    results = collected(b"".join(said("map", {f"@{number}": 1}) for number in range(MAX_MAPS + 7)))
    assert (len(results.maps), results.maps_left_out) == (MAX_MAPS, 7)
    (only,) = collected(said("map", {"@": 1}) * (MAX_POINTS + 7)).maps
    assert (len(only.points), only.points_left_out) == (MAX_POINTS, 7)


def test_a_line_that_is_too_long_is_counted_and_the_next_one_is_read() -> None:
    splitter = LineSplitter(max_bytes=10)
    lines = [
        line
        for chunk in (b"12345", b"678901234", b"5\nnext\n", b"x" * 11 + b"\n", b"end")
        for line in splitter.feed(chunk)
    ]
    assert (lines, list(splitter.last()), splitter.too_long) == ([b"next"], [b"end"], 2)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_how_output_is_cut_changes_nothing(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    splitter = LineSplitter()
    lines = [line for start, end in pairwise(places) for line in splitter.feed(data[start:end])]
    assert b"\n".join([*lines, *(list(splitter.last()) or [b""])]) == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["map", "hist", "stats", "printf", "time", "value", "lost_events", "attached_probes", "?"])


@given(st.lists(st.tuples(KINDS, JSON) | st.binary(max_size=40), max_size=8))
def test_whatever_is_printed_the_results_can_be_sent(lines: list[tuple[str, object] | bytes]) -> None:
    results = collected(b"".join(said(*line) if isinstance(line, tuple) else line + b"\n" for line in lines))
    told = report(results)
    assert decode(encode(told)) == told


@given(st.binary(max_size=60))
def test_a_line_is_read_or_refused(line: bytes) -> None:
    try:
        read_line(line)
    except UnreadableError:
        return


@pytest.mark.parametrize(
    "data", [b"", b"zstd?", encode(report(Results()))[:-2], encode(report(Results())) + b"x" * 5_000_000]
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ResultsError, match="bpftrace"):
        decode(data)
