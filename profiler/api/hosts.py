"""Hosts: read only, they appear by themselves."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from profiler.api.schemas import HostOut
from profiler.core.flight import FlightSettings
from profiler.jobs.flight import switch
from profiler.query.counters import MAX_SLOTS, as_json, host_counters
from profiler.query.hosts import get_host, list_hosts

router = Router(tags=["hosts"])


@router.get("", response=list[HostOut], summary="All hosts, with what their agents say now")
def hosts(request: HttpRequest) -> list[HostOut]:
    return [HostOut.of(host) for host in list_hosts(request.user)]


@router.get("/{host_id}", response=HostOut, summary="One host, with its processes and containers")
def host(request: HttpRequest, host_id: str) -> HostOut:
    return HostOut.of(get_host(request.user, host_id))


@router.post(
    "/{host_id}/flight", response={202: None}, summary="Switch the flight recorder; heartbeats say when it is done"
)
def flight(request: HttpRequest, host_id: str, settings: FlightSettings) -> Status[None]:
    switch(request.user, host_id, settings)
    return Status(202, None)


class CountersIn(Schema):
    """`step_s`: that and no other; without it the shortest that cuts the range into at most `slots`."""

    since: datetime
    until: datetime
    slots: int = Field(default=600, ge=1, le=MAX_SLOTS)
    step_s: int | None = None


class CountersOut(Schema):
    """`values[n][slot]` of `names[n]` from `begin_s` (Unix) on: rates of sums per second, means of levels; null: not
    known. Names, and which are sums: profiler/core/counters.py. `lost_s`: seconds that the agent lost since it began.
    """

    begin_s: int
    step_s: int
    names: list[str]
    values: list[list[float | None]]
    lost_s: int


@router.get(
    "/{host_id}/counters", response=CountersOut, summary="CPU, memory, pressure, disks and networks of a host over time"
)
def counters(request: HttpRequest, host_id: str, wanted: Query[CountersIn]) -> CountersOut:
    """Seconds are kept for an hour, ten seconds for a day, minutes for thirty days."""
    found = host_counters(request.user, host_id, wanted.since, wanted.until, wanted.slots, wanted.step_s)
    return CountersOut.model_construct(**as_json(found))
