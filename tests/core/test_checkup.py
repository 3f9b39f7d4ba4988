"""Answers of the 60-second check count what came; findings say what stands out, and only that."""

import numpy as np
import pytest

from profiler.core.checkup import CPU, MAX_EVENTS, QUESTIONS, Answer, Checkup, Distribution, Question
from profiler.core.checkup_answers import of_counts, of_events, of_histograms, of_profile
from profiler.core.checkup_findings import Level, findings
from profiler.core.event_batch import EventBatch
from profiler.core.histogram import Buckets
from profiler.core.histogram_batch import Exemplar, HistogramBatch
from profiler.core.probe import Columns, Emits, Field, Probe, Shows
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


def batch(names: list[str], took: list[int], **more: object) -> EventBatch:
    columns = {
        "at_ns": np.arange(len(names), dtype="<u8"),
        "name": names,
        "path": [f"/{name}" for name in names],
        "took": np.array(took, dtype="<u8"),
        "error": ["ENOENT" if name == "b" else "" for name in names],
    }
    return EventBatch("web-1", "slow", 0, 1, columns, **more)  # type: ignore[arg-type]


def test_events_are_counted_by_what_they_have_in_common_and_the_slowest_come_first() -> None:
    answer = of_events(QUESTION, SLOW, [batch(["a", "b", "a"], [5, 9, 7], lost={"ring full": 3}), batch(["a"], [1])])
    assert (answer.total, answer.lost, answer.errors, answer.slowest) == (4, 3, 1, 9)
    assert [(each.label, each.count) for each in answer.top] == [("a /a", 3), ("b /b", 1)]
    assert [event["took"] for event in answer.events] == ["9", "7", "5", "1"]
    assert len(of_events(QUESTION, SLOW, [batch(["a"] * 99, [1] * 99)]).events) == MAX_EVENTS


def test_what_a_host_hides_is_left_out() -> None:
    whole = batch(["a"], [5])
    hidden = EventBatch("web-1", "slow", 0, 1, {k: v for k, v in whole.columns.items() if k != "path"})
    answer = of_events(QUESTION, SLOW, [hidden])
    assert answer.top[0].label == "a ?"
    assert set(answer.events[0]) == {"at_ns", "name", "took", "error"}


def test_one_feed_answers_several_questions() -> None:
    only_b = Question("b", "", "slow", only=("name", "b"), label="{path}")
    assert of_events(only_b, SLOW, [batch(["a", "b"], [1, 2])]).total == 1
    assert of_events(only_b, SLOW, []).total == 0


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
    one = EventBatch("web-1", "cache", 0, 1, columns)
    answer = of_counts(Question("cache", "", "cache", label="{name}"), probe, [one, one])
    assert (answer.total, answer.figures) == (24, {"pages": 24.0, "missed": 6.0})
    assert [(each.label, each.count) for each in answer.top] == [("a", 14), ("b", 10)]


def test_histograms_add_up_over_time_and_labels() -> None:
    counts = np.array([[1, 2, 0], [0, 4, 8]], dtype=np.int64)
    example = Exemplar(at_ns=1, value=77, pid=1, tid=1, comm="a", labels=("sda",))
    one = HistogramBatch(
        "web-1", "disk", 0, 1, Buckets(3), (("sda",), ("sdb",)), counts, (1, 2), (example,), {"full": 1}
    )
    answer = of_histograms(QUESTION, [one, one])
    assert answer.distribution == Distribution(counts=(2, 12, 16))
    assert (answer.total, answer.lost, answer.slowest) == (30, 2, 77)
    assert [(each.label, each.count) for each in answer.top] == [("sdb", 24), ("sda", 6)]
    assert of_histograms(QUESTION, []).distribution is None


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
