"""The profile store: many recordings of many hosts as one."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from profiler.api.responses import WIRE_TYPE
from profiler.query.explore import DEFAULT_KIND, Asked, fleet_functions, fleet_series, fleet_tree

router = Router(tags=["explore"])


class AskedIn(Schema):
    """`selector` as in core/selector.py: `service="web", host=~"db-.*"`; empty for everything. `by` is a label."""

    since: datetime
    until: datetime
    selector: str = ""
    kind: str = DEFAULT_KIND
    by: str = ""


class SeriesOut(Schema):
    """`values[g][s]`: total of group g in step s; `missing` segments could not be read."""

    begin_ms: int
    step_ms: int
    unit: str
    groups: list[str]
    values: list[list[int]]
    profiles: list[list[int]]
    missing: list[str]


class FunctionOut(Schema):
    name: str
    module: str
    own: list[int]
    total: list[int]


class FunctionsOut(Schema):
    begin_ms: int
    step_ms: int
    functions: list[FunctionOut]
    missing: list[str]


@router.get("/tree", summary="All samples of a selection as one tree (binary, see docs/architecture.md)")
def tree(request: HttpRequest, asked: Query[AskedIn]) -> HttpResponse:
    """`X-Missing` counts segments that could not be read, `X-Rounded-Ms` is the step that the range was widened to."""
    message, merged = fleet_tree(request.user, Asked(**asked.model_dump()))
    response = HttpResponse(message, content_type=WIRE_TYPE)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Missing"] = str(len(merged.missing))
    response.headers["X-Rounded-Ms"] = str(merged.rounded_ms)
    return response


@router.get("/series", response=SeriesOut, summary="Totals of a selection over time, apart by a label")
def series(request: HttpRequest, asked: Query[AskedIn]) -> SeriesOut:
    found = fleet_series(request.user, Asked(**asked.model_dump()))
    return SeriesOut(
        begin_ms=found.begin_ms,
        step_ms=found.step_ms,
        unit=found.unit,
        groups=list(found.groups),
        values=found.values.tolist(),
        profiles=found.profiles.tolist(),
        missing=list(found.missing),
    )


class FunctionsIn(AskedIn):
    top: int = Field(default=20, ge=1, le=200)


@router.get("/functions", response=FunctionsOut, summary="The largest functions of a selection over time")
def functions(request: HttpRequest, asked: Query[FunctionsIn]) -> FunctionsOut:
    found = fleet_functions(request.user, Asked(**asked.model_dump(exclude={"top"})), asked.top)
    rows = zip(found.frames, found.own.tolist(), found.total.tolist(), strict=True)
    shown = [FunctionOut(name=f.name, module=f.module, own=own, total=total) for f, own, total in rows]
    return FunctionsOut(begin_ms=found.begin_ms, step_ms=found.step_ms, functions=shown, missing=list(found.missing))
