"""Jobs and their runs."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from profiler import access, jobs
from profiler.api.schemas import JobIn, JobOut, PageOut, RunOut
from profiler.query.page import PAGE_SIZE
from profiler.query.runs import list_runs

job_router = Router(tags=["recording"])
run_router = Router(tags=["recording"])


@job_router.post("", response={201: JobOut}, summary="Record on hosts, now")
def start(request: HttpRequest, job: JobIn) -> Status[JobOut]:
    return Status(201, JobOut.of(jobs.start(request.user, job.spec(), job.hosts)))


@run_router.get("", response=PageOut[RunOut], summary="Runs, newest first")
def runs(request: HttpRequest, host: str = "", page: int = 1, page_size: int = PAGE_SIZE) -> PageOut[RunOut]:
    found = list_runs(request.user, host=host, page=page, page_size=page_size)
    items = [RunOut.of(run) for run in found.items]
    return PageOut[RunOut](items=items, page=found.number, pages=found.pages, total=found.total)


@run_router.get("/{run_id}", response=RunOut, summary="One run")
def run(request: HttpRequest, run_id: UUID) -> RunOut:
    return RunOut.of(access.run(request.user, run_id))


@run_router.post("/{run_id}/cancel", response={202: RunOut}, summary="Stop a run; what it recorded is kept")
def cancel(request: HttpRequest, run_id: UUID) -> Status[RunOut]:
    return Status(202, RunOut.of(jobs.cancel(request.user, run_id)))
