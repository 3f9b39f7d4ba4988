"""60-second checks as pages show them: findings, and the answers that are their evidence."""

from dataclasses import dataclass
from datetime import datetime

from profiler import access, heartbeats
from profiler.checkups import progress
from profiler.checkups.collect import late_at
from profiler.core.checkup import QUESTIONS, Answer, Question
from profiler.core.checkup import Checkup as Report
from profiler.core.checkup_findings import Finding, Level, findings
from profiler.core.checkup_tally import EXAMPLE_FIELDS
from profiler.core.histogram import Buckets
from profiler.core.probe import Field, Probe, Shows
from profiler.models import Checkup, HostCheckup
from profiler.probes.registry import all_probes
from profiler.query.page import Page, paged

PAGE_SIZE = 50


@dataclass(frozen=True)
class Bar:
    """`share`: of the largest one, 0 to 100."""

    label: str
    count: int
    share: float


@dataclass(frozen=True)
class Bucket:
    """Values from `low` up to `high`, in the probe's unit; `high` is None of the last one."""

    low: int
    high: int | None
    count: int
    share: float


@dataclass(frozen=True)
class ShownAnswer:
    """`cells`: of some events, each with the field that it is of."""

    question: Question
    answer: Answer
    finding: Finding
    probe: Probe | None
    top: list[Bar]
    buckets: list[Bucket]
    fields: list[Field]
    events: list[list[tuple[Field, str]]]


@dataclass(frozen=True)
class ShownFinding:
    """`question`: whose answer is below; empty of what has none."""

    level: Level
    text: str
    question: str = ""


@dataclass(frozen=True)
class ShownHost:
    """`answers` is empty while the check goes on; `covered` is how many seconds of it are over by then, `silent` that
    its agent does not say anything, `late_at` when it is reported as it is.
    """

    checked: HostCheckup
    findings: list[ShownFinding]
    answers: list[ShownAnswer]
    covered: float
    silent: bool
    late_at: datetime


def list_checkups(user: access.Visitor, page: int) -> Page[Checkup]:
    return paged(access.checkups(user).prefetch_related("hosts"), page, PAGE_SIZE)


def shown_hosts(checkup: Checkup) -> list[ShownHost]:
    hosts = list(checkup.hosts.select_related("run", "run__profile"))
    waiting = [checked.host_id for checked in hosts if not checked.is_final]
    covered, alive = progress.told(checkup.pk) if waiting else {}, heartbeats.of(waiting)
    return [
        ShownHost(
            checked,
            *_findings_and_answers(checked),
            covered=covered.get(checked.host_id, 0),
            silent=checked.host_id in waiting and checked.host_id not in alive,
            late_at=late_at(checkup, silent=True),
        )
        for checked in hosts
    ]


def _findings_and_answers(checked: HostCheckup) -> tuple[list[ShownFinding], list[ShownAnswer]]:
    report = checked.report
    if report is None:
        return [], []
    found = findings(report)
    of_question = {finding.question: finding for finding in found}
    answered = [question for question in QUESTIONS if not report.answer(question.name).missing]
    known = [ShownFinding(each.level, each.text, each.question) for each in found if each.level is not Level.UNKNOWN]
    answers = [_answer(each, report.answer(each.name), of_question[each.name]) for each in answered]
    return [*known, *_unanswered(report)], answers


def _unanswered(report: Report) -> list[ShownFinding]:
    """What has no answer for the same reason is one line: of a host that is gone it is everything."""
    titles: dict[str, list[str]] = {}
    for question in QUESTIONS:
        if missing := report.answer(question.name).missing:
            titles.setdefault(missing, []).append(question.title)
    return [ShownFinding(Level.UNKNOWN, f"{', '.join(names)}: {missing}") for missing, names in titles.items()]


def _answer(question: Question, answer: Answer, finding: Finding) -> ShownAnswer:
    probe = all_probes().get(question.probe)
    fields = [field for field in _fields(probe) if answer.events and field.name in answer.events[0]]
    most = max((each.count for each in answer.top), default=0)
    return ShownAnswer(
        question=question,
        answer=answer,
        finding=finding,
        probe=probe,
        top=[Bar(each.label, each.count, 100 * each.count / most) for each in answer.top],
        buckets=_buckets(answer),
        fields=fields,
        events=[[(field, event.get(field.name, "")) for field in fields] for event in answer.events],
    )


def _fields(probe: Probe | None) -> tuple[Field, ...]:
    """Of its events; of a histogram's examples, with its labels."""
    if probe is None or probe.histogram is None:
        return probe.fields if probe else ()
    return (*EXAMPLE_FIELDS, *(Field(name, Shows.TEXT, name.capitalize()) for name in probe.histogram.labels))


def _buckets(answer: Answer) -> list[Bucket]:
    """From the first to the last that has values."""
    told = answer.distribution
    used = [place for place, count in enumerate(told.counts) if count] if told else []
    if told is None or not used:
        return []
    edges = [*Buckets(len(told.counts), told.step).edges, None]
    most = max(told.counts)
    return [
        Bucket(edges[i] or 0, edges[i + 1], told.counts[i], 100 * told.counts[i] / most)
        for i in range(used[0], used[-1] + 1)
    ]
