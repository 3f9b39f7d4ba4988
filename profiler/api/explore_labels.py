"""What can be asked of the profile store: labels, values, and when there is data."""

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from profiler.api.explore import AskedIn
from profiler.query.labels import fleet_extent, fleet_labels, fleet_values

router = Router(tags=["explore"])
MAX_VALUES = 200


class LabelOut(Schema):
    """How many profiles of the range have the label, and with how many values."""

    name: str
    profiles: int
    values: int


class LabelsOut(Schema):
    labels: list[LabelOut]


class ValueOut(Schema):
    """How many profiles of the range have the value, and the sum of theirs."""

    value: str
    profiles: int
    total: int


class ValuesOut(Schema):
    """`more`: values beyond the limit. Ask for a longer prefix."""

    values: list[ValueOut]
    more: int


class ExtentOut(Schema):
    """Unix ms, both null when there is nothing."""

    first_ms: int | None = None
    last_ms: int | None = None


@router.get("/labels", response=LabelsOut, summary="Names of the labels that a selection has")
def labels(request: HttpRequest, asked: Query[AskedIn]) -> LabelsOut:
    found = fleet_labels(request.user, asked.asked())
    rows = [LabelOut(name=one.name, profiles=one.profiles, values=len(one.values)) for one in found]
    return LabelsOut(labels=rows)


class ValuesIn(AskedIn):
    """`prefix` in any case; what holds it elsewhere comes after what begins with it."""

    label: str
    prefix: str = Field(default="", max_length=256)
    limit: int = Field(default=30, ge=1, le=MAX_VALUES)


@router.get("/values", response=ValuesOut, summary="Values of a label that a selection has, the largest first")
def values(request: HttpRequest, asked: Query[ValuesIn]) -> ValuesOut:
    found, more = fleet_values(request.user, asked.asked(), asked.label, asked.prefix, asked.limit)
    rows = [ValueOut(value=one.value, profiles=one.profiles, total=one.total) for one in found]
    return ValuesOut(values=rows, more=more)


@router.get("/extent", response=ExtentOut, summary="When there are profiles of a selector, up to the range's end")
def extent(request: HttpRequest, asked: Query[AskedIn]) -> ExtentOut:
    found = fleet_extent(request.user, asked.asked())
    return ExtentOut(first_ms=found.first_ms, last_ms=found.last_ms) if found else ExtentOut()
