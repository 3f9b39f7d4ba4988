"""Answers of the 60-second check count what came; findings say what stands out, and only that."""

import numpy as np
import pytest

from profiler.core.checkup import CPU, MAX_EVENTS, QUESTIONS, Answer, Checkup, Distribution, Question
from profiler.core.checkup_answers import of_profile, of_tally
from profiler.core.checkup_findings import Level, findings
from profiler.core.checkup_tally import MAX_LABELS, Tally, add_counts, add_events, add_histogram
from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch
from profiler.core.histogram import Buckets
from profiler.core.histogram_batch import Exemplar, HistogramBatch
from profiler.core.probe import Columns, Emits, Field, Histogram, Probe, Shows
from profiler.core.profile import ProfileMeta
from profiler.core.textart import parse

SLOW = Probe(
    name="slow", title="", about="", emits=Emits.EVENTS, needs=(), cost_ns=1,
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("name", Shows.COMM, "Name"),
        Field("path", Shows.PATH, "File"),
        Field("took", Shows.DURATION, "Took"),
        Field("error", Shows.ERROR, "Error"),
    ),
)  # fmt: skip
QUESTION = Question("slow_files", "Slow", "slow", label="{name} {path}")


def batch(names: list[str], took: list[int]) -> EventBatch:
    columns: Columns = {
        "at_ns": np.arange(len(names), dtype="<u8"),
        "name": names,
        "path": [f"/{name}" for name in names],
        "took": np.array(took, dtype="<u8"),
        "error": ["ENOENT" if name == "b" else "" for name in names],
    }
    return EventBatch("web-1", "slow", 0, 1, columns)


def of_events(question: Question, *batches: EventBatch) -> Answer:
    tally = Tally()
    for each in batches:
        add_events(tally, question, SLOW, each)
    return of_tally(question, tally, seconds=1, lost=0)


def test_events_are_counted_by_what_they_have_in_common_and_the_slowest_come_first() -> None:
    answer = of_events(QUESTION, batch(["a", "b", "a"], [5, 9, 7]), batch(["a"], [1]))
    assert (answer.total, answer.errors, answer.slowest) == (4, 1, 9)
    assert [(each.label, each.count) for each in answer.top] == [("a /a", 3), ("b /b", 1)]
    assert [event["took"] for event in answer.events] == ["9", "7", "5", "1"]
    assert len(of_events(QUESTION, batch(["a"] * 99, [1] * 99)).events) == MAX_EVENTS


def test_of_events_that_took_as_long_the_first_ones_are_shown() -> None:
    answer = of_events(QUESTION, batch(["a"] * 15, [3] * 15), batch(["b"] * 15, [3] * 15), batch(["c"], [4]))
    assert [event["name"] for event in answer.events] == ["c"] + ["a"] * 15 + ["b"] * 4


def test_what_a_host_hides_is_left_out() -> None:
    whole = batch(["a"], [5])
    hidden = EventBatch("web-1", "slow", 0, 1, {k: v for k, v in whole.columns.items() if k != "path"})
    answer = of_events(QUESTION, hidden)
    assert answer.top[0].label == "a ?"
    assert set(answer.events[0]) == {"at_ns", "name", "took", "error"}


def test_one_feed_answers_several_questions() -> None:
    only_b = Question("b", "", "slow", only=("name", "b"), label="{path}")
    answer = of_events(only_b, batch(["a", "b", "b"], [1, 2, 3]))
    assert (answer.total, answer.errors, answer.slowest) == (2, 2, 3)
    assert of_events(only_b).total == 0


def test_a_tally_stays_small_and_its_sums_exact_whatever_number_of_labels_there_is() -> None:
    """Each of 20,011 names twice, and one of them in every batch."""
    tally, distinct, size = Tally(), 20_011, 1009
    many = [f"n{i}" for i in range(distinct)] * 2
    for first in range(0, len(many), size):
        part = ["often", *many[first : first + size]]
        add_events(tally, QUESTION, SLOW, batch(part, [1] * len(part)))
        assert len(tally.labels) <= MAX_LABELS
        assert len(tally.events) <= MAX_EVENTS
    batches = -(-len(many) // size)
    assert tally.total == len(many) + batches
    answer = of_tally(QUESTION, tally, seconds=1, lost=0)
    assert answer.top[0].label == "often /often"
    assert answer.top[0].count <= batches <= answer.top[0].count + answer.uncounted


def test_a_batch_of_other_columns_than_the_probe_s_is_refused_whole() -> None:
    wrong = batch(["a"], [1])
    tally = Tally()
    with pytest.raises(BatchError, match="slow: column name holds numbers"):
        add_events(
            tally, QUESTION, SLOW, EventBatch("w", "slow", 0, 1, {**wrong.columns, "name": wrong.columns["took"]})
        )
    assert tally == Tally()


def test_counters_add_up_over_time_and_processes() -> None:
    probe = Probe(
        name="cache", title="", about="", emits=Emits.COUNTERS, needs=(), cost_ns=1,
        fields=(Field("name", Shows.COMM, ""), Field("pages", Shows.NUMBER, ""), Field("missed", Shows.NUMBER, "")),
    )  # fmt: skip
    columns: Columns = {
        "name": ["a", "b"],
        "pages": np.array([7, 5], dtype="<u8"),
        "missed": np.array([1, 2], dtype="<u8"),
    }
    tally, question = Tally(), Question("cache", "", "cache", label="{name}")
    for _ in range(2):
        add_counts(tally, question, probe, EventBatch("web-1", "cache", 0, 1, columns))
    answer = of_tally(question, tally, seconds=1, lost=0)
    assert (answer.total, answer.figures) == (24, {"pages": 24.0, "missed": 6.0})
    assert [(each.label, each.count) for each in answer.top] == [("a", 14), ("b", 10)]
    with pytest.raises(BatchError, match="without its counts"):
        add_counts(tally, question, probe, EventBatch("web-1", "cache", 0, 1, {"name": ["a"]}))


def disks(counts: list[list[int]], *values: int) -> HistogramBatch:
    examples = tuple(Exemplar(at_ns=1, value=value, pid=1, tid=1, comm="a", labels=("sda",)) for value in values)
    rows = np.array(counts, dtype=np.int64)
    return HistogramBatch("web-1", "disk", 0, 1, Buckets(rows.shape[1]), (("sda",), ("sdb",)), rows, (1, 2), examples)


def test_histograms_add_up_over_time_and_labels_and_examples_tell_who_was_slowest() -> None:
    probe = Probe(
        name="disk", title="", about="", emits=Emits.HISTOGRAM, needs=(), cost_ns=1,
        histogram=Histogram(Shows.DURATION, ("disk",)),
    )  # fmt: skip
    tally = Tally()
    for values in ((77, 5), (9,)):
        add_histogram(tally, probe, disks([[1, 2, 0], [0, 4, 8]], *values))
    answer = of_tally(QUESTION, tally, seconds=1, lost=2)
    assert answer.distribution == Distribution(counts=(2, 12, 16))
    assert (answer.total, answer.lost, answer.slowest) == (30, 2, 77)
    assert [(each.label, each.count) for each in answer.top] == [("sdb", 24), ("sda", 6)]
    assert [event["value"] for event in answer.events] == ["77", "9", "5"]
    assert answer.events[0] == {"at_ns": "1", "value": "77", "pid": "1", "comm": "a", "disk": "sda"}
    with pytest.raises(BatchError, match="2 buckets, where batches before had 3"):
        add_histogram(tally, probe, disks([[1, 2], [0, 4]]))
    assert of_tally(QUESTION, Tally(), seconds=1, lost=0).distribution is None


def test_a_profile_is_told_by_its_own_samples_of_functions() -> None:
    profile = parse("web 1/1\n  main 2\n    parse 5\n", ProfileMeta(period_ns=1000))
    answer = of_profile(QUESTION, profile)
    assert [(each.label, each.count) for each in answer.top] == [("parse", 5), ("main", 2)]
    assert (answer.total, answer.figures) == (7, {"period_ns": 1000.0})


def checkup(**answers: Answer) -> Checkup:
    return Checkup(host="web-1", start_ns=0, seconds=10, cpus=2, answers=tuple(answers.values()))


def answer(question: str, **told: object) -> Answer:
    return Answer.model_validate({"question": question, "seconds": 10, **told})


def level_and_text(question: str, **told: object) -> tuple[Level, str]:
    found = findings(checkup(one=answer(question, **told)))
    return next((finding.level, finding.text) for finding in found if finding.question == question)


def log2(**counts: int) -> dict[str, object]:
    placed = [counts.get(f"at_{place}", 0) for place in range(40)]
    return {"total": sum(placed), "distribution": {"counts": placed}}


@pytest.mark.parametrize(
    ("question", "told", "level", "text"),
    [
        ("programs", {"total": 4120, "top": [{"label": "cat by sh", "count": 4000}]}, Level.PROBLEM,
         "412 programs started a second. Most often: cat by sh (4,000)."),
        ("programs", {"total": 5}, Level.FINE, "0.5 programs started a second."),
        ("opens", {"total": 60_000, "errors": 600}, Level.NOTICE,
         "6,000 files opened a second, 1% of the tries failed."),
        ("opens", {"total": 6_000, "errors": 5_900}, Level.NOTICE,
         "600 files opened a second, 98% of the tries failed."),
        ("opens", {"total": 100}, Level.FINE, "10 files opened a second, 0% of the tries failed."),
        ("slow_files", {}, Level.FINE, "No file operation took 10 ms or longer."),
        ("slow_files", {"total": 1, "slowest": 1_230_000_000}, Level.PROBLEM,
         "1 file operation took 10 ms or longer, the slowest 1.23 s."),
        ("disk_latency", log2(at_15=980, at_26=20), Level.PROBLEM,
         "1,000 disk requests; one in a hundred took 67.1 ms or longer."),
        ("disk_latency", log2(at_15=1000), Level.FINE, "1,000 disk requests; one in a hundred took 32.8 µs or longer."),
        ("disk_latency", {}, Level.FINE, "The disks had nothing to do."),
        ("slow_disks", {"total": 2, "slowest": 20_000_000}, Level.NOTICE,
         "2 disk requests took 10 ms or longer, the slowest 20 ms."),
        ("cache", {"total": 2000, "figures": {"missed": 1500}}, Level.NOTICE,
         "25.0% of 2,000 pages that were read came from memory."),
        ("cache", {"total": 2, "figures": {"missed": 1}}, Level.FINE,
         "50.0% of 2 pages that were read came from memory."),
        ("cache", {}, Level.FINE, "No file was read."),
        ("connects", {"total": 1010}, Level.NOTICE, "101 connections made a second."),
        ("accepts", {"total": 7}, Level.FINE, "0.7 connections taken a second."),
        ("failed", {"total": 1}, Level.NOTICE, "1 connection refused or timed out."),
        ("failed", {}, Level.FINE, "No connection was refused."),
        ("retransmits", {"total": 11, "lost": 3}, Level.PROBLEM,
         "11 packets of TCP sent again: something loses them. 3 more were lost on the way."),
        ("retransmits", {"total": 1}, Level.NOTICE, "1 packet of TCP sent again: something loses them."),
        ("run_queue", log2(at_10=90, at_24=10), Level.PROBLEM,
         "Threads got a CPU 100 times; one in a hundred waited 16.8 ms or longer."),
        ("run_queue", {}, Level.FINE, "No thread waited for a CPU."),
        (CPU, {"total": 1800, "figures": {"period_ns": 1e7}, "top": [{"label": "parse", "count": 900}]}, Level.PROBLEM,
         "2 CPUs were 90% busy. 50% of it was parse."),
        (CPU, {"total": 100, "figures": {"period_ns": 1e7}}, Level.FINE, "2 CPUs were 5% busy."),
        (CPU, {"missing": "host web-1 is busy"}, Level.UNKNOWN, "host web-1 is busy"),
    ],
)  # fmt: skip
def test_findings_say_what_stands_out(question: str, told: dict[str, object], level: Level, text: str) -> None:
    assert level_and_text(question, **told) == (level, text)


def test_each_question_has_a_finding_and_problems_come_first() -> None:
    found = findings(checkup(one=answer("failed", total=3), two=answer("slow_files", total=3, slowest=1)))
    assert {finding.question for finding in found} == {question.name for question in QUESTIONS}
    assert [finding.level for finding in found[:3]] == [Level.PROBLEM, Level.NOTICE, Level.UNKNOWN]
