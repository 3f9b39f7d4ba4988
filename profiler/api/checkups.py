"""60-second checks: started, followed, read, shared, deleted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from profiler import access, checkups
from profiler.api.schemas import PageOut
from profiler.core.checkup import DEFAULT_SECONDS, QUESTIONS, Answer
from profiler.core.checkup_findings import Level, findings
from profiler.models import Checkup, CheckupShare, HostCheckup
from profiler.query.page import PAGE_SIZE, paged
from profiler.sharing import checkup_shares_of, create_checkup_share, revoke_checkup_share

router = Router(tags=["checkups"])


class CheckupIn(Schema):
    """`seconds` is how long hosts are looked at: 5 to 120."""

    hosts: list[str]
    seconds: float = DEFAULT_SECONDS


class HostCheckupOut(Schema):
    """`final`: it has a report. `run` samples the CPUs, `profile` came of it; `no_run`: why there is none."""

    host: str
    final: bool
    run: UUID | None
    profile: UUID | None
    no_run: str

    @classmethod
    def of(cls, checked: HostCheckup) -> "HostCheckupOut":
        profile = getattr(checked.run, "profile", None)
        return cls(
            host=checked.host_id,
            final=checked.is_final,
            run=checked.run_id,
            profile=profile.pk if profile else None,
            no_run=checked.no_run,
        )


class CheckupOut(Schema):
    """`final`: all hosts have a report."""

    id: UUID
    owner: str
    seconds: float
    created_at: datetime
    final: bool
    hosts: list[HostCheckupOut]

    @classmethod
    def of(cls, checkup: Checkup) -> "CheckupOut":
        return cls(
            id=checkup.pk,
            owner=checkup.owner.get_username(),
            seconds=checkup.seconds,
            created_at=checkup.created_at,
            final=checkup.is_final,
            hosts=[HostCheckupOut.of(checked) for checked in checkup.hosts.select_related("run__profile")],
        )


class QuestionOut(Schema):
    """`probe` is whose events, histogram or counts answer it, with these values; of `cpu` a recording."""

    name: str
    title: str
    probe: str
    values: dict[str, Any]


class FindingOut(Schema):
    """`question` is the one whose answer is the evidence."""

    level: Level
    question: str
    text: str


class HostReportOut(Schema):
    """Of a host that still looks both lists are empty."""

    host: str
    final: bool
    profile: UUID | None
    findings: list[FindingOut]
    answers: list[Answer]

    @classmethod
    def of(cls, checked: HostCheckup) -> "HostReportOut":
        report, state = checked.report, HostCheckupOut.of(checked)
        found = findings(report) if report else []
        return cls(
            host=state.host,
            final=state.final,
            profile=state.profile,
            findings=[FindingOut.model_validate(each, from_attributes=True) for each in found],
            answers=list(report.answers) if report else [],
        )


class ReportOut(Schema):
    id: UUID
    final: bool
    questions: list[QuestionOut]
    hosts: list[HostReportOut]


class CheckupShareIn(Schema):
    """`days`: how long the link opens; without it until it is revoked."""

    days: int | None = None


class CheckupShareOut(Schema):
    id: UUID
    checkup: UUID
    creator: str
    created_at: datetime
    expires_at: datetime | None
    views: int

    @classmethod
    def of(cls, share: CheckupShare, **more: Any) -> Any:
        same = {name: getattr(share, name) for name in ("id", "created_at", "expires_at", "views")}
        return cls(**same, checkup=share.checkup_id, creator=share.creator.get_username(), **more)


class NewCheckupShareOut(CheckupShareOut):
    """`path` holds the secret; it is shown only now."""

    path: str


@router.get("", response=PageOut[CheckupOut], summary="Checks, newest first")
def listed(request: HttpRequest, page: int = 1, page_size: int = PAGE_SIZE) -> PageOut[CheckupOut]:
    found = paged(access.checkups(request.user), page, page_size)
    items = [CheckupOut.of(checkup) for checkup in found.items]
    return PageOut[CheckupOut](items=items, page=found.number, pages=found.pages, total=found.total)


@router.post("", response={201: CheckupOut}, summary="Check hosts, now: operators")
def start(request: HttpRequest, wanted: CheckupIn) -> Status[CheckupOut]:
    return Status(201, CheckupOut.of(checkups.start(request.user, wanted.hosts, wanted.seconds)))


@router.get("/{checkup_id}", response=CheckupOut, summary="How far a check is")
def state(request: HttpRequest, checkup_id: UUID) -> CheckupOut:
    return CheckupOut.of(access.checkup(request.user, checkup_id))


@router.get("/{checkup_id}/report", response=ReportOut, summary="Findings, and the answers that they are known from")
def report(request: HttpRequest, checkup_id: UUID) -> ReportOut:
    checkup = access.checkup(request.user, checkup_id)
    return ReportOut(
        id=checkup.pk,
        final=checkup.is_final,
        questions=[QuestionOut.model_validate(question, from_attributes=True) for question in QUESTIONS],
        hosts=[HostReportOut.of(checked) for checked in checkup.hosts.select_related("run__profile")],
    )


@router.delete("/{checkup_id}", response={204: None}, summary="Delete a check and its share links; profiles stay")
def delete(request: HttpRequest, checkup_id: UUID) -> Status[None]:
    checkups.delete(request.user, checkup_id)
    return Status(204, None)


@router.get("/{checkup_id}/shares", response=list[CheckupShareOut], summary="The live share links of a check")
def shares(request: HttpRequest, checkup_id: UUID) -> list[CheckupShareOut]:
    return [CheckupShareOut.of(share) for share in checkup_shares_of(request.user, checkup_id)]


@router.post("/{checkup_id}/shares", response={201: NewCheckupShareOut}, summary="Make a link that needs no login")
def share(request: HttpRequest, checkup_id: UUID, wanted: CheckupShareIn) -> Status[NewCheckupShareOut]:
    made, secret = create_checkup_share(request.user, checkup_id, wanted.days)
    return Status(201, NewCheckupShareOut.of(made, path=f"/c/{secret}/"))


@router.delete("/{checkup_id}/shares/{link_id}", response={204: None}, summary="Close a share link for good")
def revoke(request: HttpRequest, checkup_id: UUID, link_id: UUID) -> Status[None]:
    revoke_checkup_share(request.user, checkup_id, link_id)
    return Status(204, None)
