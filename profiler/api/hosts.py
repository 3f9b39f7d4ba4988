"""Hosts: read only, they appear by themselves."""

from django.http import HttpRequest
from ninja import Router, Status

from profiler.api.schemas import HostOut
from profiler.core.flight import FlightSettings
from profiler.jobs.flight import switch
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
