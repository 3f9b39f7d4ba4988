"""60-second checks as pages show them: findings, and the answers that are their evidence."""

from dataclasses import dataclass

from profiler import access
from profiler.core.checkup import QUESTIONS, Answer, Question
from profiler.core.checkup_findings import Finding, findings
from profiler.core.histogram import Buckets
from profiler.core.probe import Field, Probe
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
class ShownHost:
    """`answers` is empty while the check goes on."""

    checked: HostCheckup
    findings: list[Finding]
    answers: list[ShownAnswer]


def list_checkups(user: access.Visitor, page: int) -> Page[Checkup]:
    return paged(access.checkups(user).prefetch_related("hosts"), page, PAGE_SIZE)


def shown_hosts(checkup: Checkup) -> list[ShownHost]:
    return [_shown(checked) for checked in checkup.hosts.select_related("run", "run__profile")]


def _shown(checked: HostCheckup) -> ShownHost:
    report = checked.report
    if report is None:
        return ShownHost(checked, [], [])
    found = findings(report)
    of_question = {finding.question: finding for finding in found}
    answers = [_answer(question, report.answer(question.name), of_question[question.name]) for question in QUESTIONS]
    return ShownHost(checked, found, answers)


def _answer(question: Question, answer: Answer, finding: Finding) -> ShownAnswer:
    probe = all_probes().get(question.probe)
    fields = [field for field in probe.fields if answer.events and field.name in answer.events[0]] if probe else []
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
