"""bpftrace programs: run, followed, stopped; for people with the right to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from profiler import access
from profiler.api.schemas import PageOut
from profiler.bpftrace import programs
from profiler.bpftrace.library import library
from profiler.bpftrace.showing import results_of
from profiler.core.bpftrace.channel import DEFAULT_DURATION_S
from profiler.core.bpftrace.results import Results
from profiler.models import BpftraceProgram, BpftraceRun
from profiler.query.page import PAGE_SIZE, paged

router = Router(tags=["bpftrace"])


class ProgramIn(Schema):
    """`program` is bpftrace's language; it runs for `duration_s`, or until it ends itself."""

    program: str
    hosts: list[str]
    duration_s: int = DEFAULT_DURATION_S
    title: str = ""


class ProgramRunOut(Schema):
    """`state`: queued, starting, done, failed or cancelled; `message` says why."""

    id: UUID
    host: str
    state: str
    final: bool
    message: str
    elapsed_s: float
    finished_at: datetime | None

    @classmethod
    def of(cls, run: BpftraceRun) -> "ProgramRunOut":
        same = {name: getattr(run, name) for name in cls.model_fields if name != "final"}
        return cls(**same, final=run.is_final)


class ProgramOut(Schema):
    """`owner` is who ran it."""

    id: UUID
    owner: str
    title: str
    program: str
    duration_s: int
    created_at: datetime
    runs: list[ProgramRunOut]

    @classmethod
    def of(cls, program: BpftraceProgram) -> "ProgramOut":
        return cls(
            id=program.pk,
            owner=program.owner_name,
            title=program.title,
            program=program.text,
            duration_s=program.duration_s,
            created_at=program.created_at,
            runs=[ProgramRunOut.of(run) for run in program.runs.all()],
        )


class RunResultsOut(ProgramRunOut):
    """`results`: so far, while it runs; null when there are none, or no more."""

    results: Results | None


@router.get("/library", response=list[dict[str, Any]], summary="Programs to choose from, with their parameters")
def entries(request: HttpRequest) -> list[dict[str, Any]]:
    access.tracer(request.user, "see bpftrace programs")
    return [entry.model_dump() for entry in library()]


@router.post("/programs", response={201: ProgramOut}, summary="Run a program on hosts, now")
def start(request: HttpRequest, wanted: ProgramIn) -> Status[ProgramOut]:
    asked = programs.Asked(wanted.program, wanted.hosts, wanted.duration_s, wanted.title)
    return Status(201, ProgramOut.of(programs.start(request.user, asked)))


@router.get("/programs", response=PageOut[ProgramOut], summary="Who ran what, newest first")
def listed(request: HttpRequest, page: int = 1, page_size: int = PAGE_SIZE) -> PageOut[ProgramOut]:
    access.tracer(request.user, "see bpftrace programs")
    found = paged(access.bpftrace_programs(request.user), page, page_size)
    items = [ProgramOut.of(program) for program in found.items]
    return PageOut[ProgramOut](items=items, page=found.number, pages=found.pages, total=found.total)


@router.get("/programs/{program_id}", response=ProgramOut, summary="One program and its runs")
def program(request: HttpRequest, program_id: UUID) -> ProgramOut:
    return ProgramOut.of(access.bpftrace_program(request.user, program_id))


@router.get("/runs/{trace_id}/results", response=RunResultsOut, summary="What a program said on a host")
def results(request: HttpRequest, trace_id: UUID) -> RunResultsOut:
    run = access.bpftrace_run(request.user, trace_id)
    report = results_of(run)
    return RunResultsOut(**ProgramRunOut.of(run).model_dump(), results=report.results if report else None)


@router.post("/runs/{trace_id}/stop", response={202: ProgramRunOut}, summary="Stop a program; what it said is kept")
def stop(request: HttpRequest, trace_id: UUID) -> Status[ProgramRunOut]:
    return Status(202, ProgramRunOut.of(programs.stop(request.user, trace_id)))
