"""The profile store: many recordings of many hosts as one."""

from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from profiler.api.html_file import file_response
from profiler.api.responses import WIRE_TYPE
from profiler.api.schemas import HeatmapOut
from profiler.core.cut import Which
from profiler.core.heatmap import DEFAULT_ROWS
from profiler.query.compare import fleet_diff
from profiler.query.explore import (
    DEFAULT_KIND,
    Asked,
    TreePart,
    fleet_functions,
    fleet_heatmap,
    fleet_profiles,
    fleet_series,
    fleet_tree,
    one_profile,
)
from profiler.store.answers import TimeSeries

router = Router(tags=["explore"])
# Stacks have at most some hundred frames; names of templates are long.
MAX_PATH, MAX_NAME = 1024, 4096


class AskedIn(Schema):
    """`selector` as in core/selector.py: `service="web", host=~"db-.*"`; empty for everything. `by` is a label."""

    since: datetime
    until: datetime
    selector: str = ""
    kind: str = DEFAULT_KIND
    by: str = ""

    def asked(self) -> Asked:
        return Asked(self.selector, self.since, self.until, self.kind, self.by)


class RestOut(Schema):
    """Groups beyond `top` as one."""

    groups: int
    values: list[int]


class SeriesOut(Schema):
    """`values[g][s]`: total of group g in step s, the largest group first; `missing` segments could not be read."""

    begin_ms: int
    step_ms: int
    unit: str
    groups: list[str]
    values: list[list[int]]
    rest: RestOut
    profiles: list[int]
    missing: list[str]


class FunctionOut(Schema):
    name: str
    module: str
    kind: int
    own: list[int]
    total: list[int]


class FunctionsOut(Schema):
    begin_ms: int
    step_ms: int
    unit: str
    functions: list[FunctionOut]
    missing: list[str]


class TreeIn(AskedIn):
    """`below`: names of frames from the outermost on, one parameter each: only what they called, at full detail.

    A tree has about 20,000 nodes and says what is cut below each; the tree below the path there has it. `stacks`: all,
    those that are whole or those that are cut. `timed`: samples by their own times instead of their profiles'
    beginnings, for ranges of seconds within the last days.
    """

    below: list[Annotated[str, Field(max_length=MAX_NAME)]] = Field([], max_length=MAX_PATH)
    stacks: Which = "all"
    timed: bool = False

    def asked(self) -> Asked:
        return Asked(**self.model_dump(include=set(AskedIn.model_fields)))


@router.get("/tree", summary="All samples of a selection as one tree (binary, see docs/architecture.md)")
def tree(request: HttpRequest, wanted: Query[TreeIn]) -> HttpResponse:
    """`X-Missing` counts segments that could not be read, `X-Rounded-Ms` is the step that the range was widened to."""
    part = TreePart(wanted.below, wanted.stacks, wanted.timed)
    message, merged = fleet_tree(request.user, wanted.asked(), part)
    response = _wire(message)
    response.headers["X-Missing"] = str(len(merged.missing))
    response.headers["X-Rounded-Ms"] = str(merged.rounded_ms)
    return response


def _wire(message: bytes) -> HttpResponse:
    return HttpResponse(message, content_type=WIRE_TYPE, headers={"Cache-Control": "private, no-cache"})


class DiffIn(AskedIn):
    """`base_…` is the side to compare with ("before"), the others are what is looked at; `below` as in a tree."""

    base_since: datetime
    base_until: datetime
    base_selector: str = ""
    below: list[Annotated[str, Field(max_length=MAX_NAME)]] = Field([], max_length=MAX_PATH)


@router.get("/diff", summary="Two selections as one tree with the values of both (binary, see docs/architecture.md)")
def diff(request: HttpRequest, wanted: Query[DiffIn]) -> HttpResponse:
    base = Asked(wanted.base_selector, wanted.base_since, wanted.base_until, wanted.kind, wanted.by)
    other = Asked(**wanted.model_dump(include=set(AskedIn.model_fields)))
    return _wire(fleet_diff(request.user, base, other, wanted.below))


class HtmlIn(TreeIn):
    """A tree's question, or a diff's when it has a base; `opens`: what it shows first, the query string of a page."""

    base_since: datetime | None = None
    base_until: datetime | None = None
    base_selector: str = ""
    opens: str = ""


@router.get("/html", summary="One HTML file with the viewer and a tree or two sides, which works offline")
def html(request: HttpRequest, wanted: Query[HtmlIn]) -> HttpResponse:
    asked, base = wanted.asked(), None
    if wanted.base_since and wanted.base_until:
        base = Asked(wanted.base_selector, wanted.base_since, wanted.base_until, wanted.kind, wanted.by)
        message = fleet_diff(request.user, base, asked, wanted.below)
    else:
        message, _ = fleet_tree(request.user, asked, TreePart(wanted.below, wanted.stacks, wanted.timed))
    facts = {"facts_template": "parts/explore_facts.html", "asked": asked, "base": base}
    title = "Two selections" if base else asked.selector or "Everything"
    return file_response(request, message, title, facts)


class SeriesIn(AskedIn):
    top: int = Field(default=20, ge=1, le=200)


@router.get("/series", response=SeriesOut, summary="Totals of a selection over time, apart by a label")
def series(request: HttpRequest, asked: Query[SeriesIn]) -> dict[str, Any]:
    return _largest(fleet_series(request.user, asked.asked()), asked.top)


def _largest(found: TimeSeries, top: int) -> dict[str, Any]:
    # Labels outlive the profiles that had them.
    there = np.flatnonzero(found.profiles.any(axis=1))
    order = there[np.argsort(-found.values[there].sum(axis=1), kind="stable")]
    shown, others = order[:top], order[top:]
    return {
        "begin_ms": found.begin_ms,
        "step_ms": found.step_ms,
        "unit": found.unit,
        "groups": [found.groups[group] for group in shown.tolist()],
        "values": found.values[shown].tolist(),
        "rest": {"groups": len(others), "values": found.values[others].sum(axis=0).tolist()},
        "profiles": found.profiles.sum(axis=0).tolist(),
        "missing": list(found.missing),
    }


class FunctionsIn(AskedIn):
    """`order`: whether own values or totals make a function large."""

    top: int = Field(default=20, ge=1, le=200)
    order: Literal["own", "total"] = "total"


@router.get("/functions", response=FunctionsOut, summary="The largest functions of a selection over time")
def functions(request: HttpRequest, asked: Query[FunctionsIn]) -> FunctionsOut:
    found = fleet_functions(request.user, asked.asked(), asked.top, asked.order)
    rows = zip(found.frames, found.own.tolist(), found.total.tolist(), strict=True)
    shown = [FunctionOut(name=f.name, module=f.module, kind=f.kind, own=own, total=total) for f, own, total in rows]
    return FunctionsOut(
        begin_ms=found.begin_ms,
        step_ms=found.step_ms,
        unit=found.unit,
        functions=shown,
        missing=list(found.missing),
    )


class HeatmapIn(AskedIn):
    rows: int = Field(default=DEFAULT_ROWS, description="parts of a column")
    column_ms: int | None = Field(default=None, ge=1, description="milliseconds; whole seconds to fit when not given")


class FleetHeatmapOut(HeatmapOut):
    """As a profile's; `untimed`: values without a time of the profiles that overlap the range."""

    missing: list[str]


@router.get("/heatmap", response=FleetHeatmapOut, summary="When a selection's samples were taken")
def heatmap(request: HttpRequest, wanted: Query[HeatmapIn]) -> FleetHeatmapOut:
    """Samples keep their own times for two days."""
    asked = Asked(**wanted.model_dump(include=set(AskedIn.model_fields)))
    found = fleet_heatmap(request.user, asked, wanted.rows, wanted.column_ms)
    return FleetHeatmapOut(
        start_ns=found.begin_ms * 1_000_000,
        column_ns=found.column_ms * 1_000_000,
        rows=len(found.counts),
        columns=found.counts.shape[1],
        samples=int(found.counts.sum()),
        untimed=found.untimed,
        counts=found.counts.T.tolist(),
        missing=list(found.missing),
    )


class ListedOut(Schema):
    """One service's part of a profile. `key` is a number of 63 bits, as text: browsers would round it."""

    key: str
    labels: dict[str, str]
    begin_ms: int
    duration_ms: int
    total: int


class ListedPageOut(Schema):
    profiles: list[ListedOut]
    missing: list[str]


class ListIn(AskedIn):
    limit: int = Field(default=50, ge=1, le=1000)


@router.get("/profiles", response=ListedPageOut, summary="The largest profiles of a selection")
def profiles(request: HttpRequest, wanted: Query[ListIn]) -> ListedPageOut:
    asked = Asked(**wanted.model_dump(include=set(AskedIn.model_fields)))
    found, missing = fleet_profiles(request.user, asked, wanted.limit)
    shown = [
        ListedOut(
            key=str(one.key), labels=dict(one.labels), begin_ms=one.ts_ms, duration_ms=one.duration_ms, total=one.total
        )
        for one in found
    ]
    return ListedPageOut(profiles=shown, missing=missing)


@router.get("/profiles/{key}/tree", summary="One service's part of one profile as a tree (binary)")
def profile_tree(request: HttpRequest, key: int) -> HttpResponse:
    return _wire(one_profile(request.user, key))
