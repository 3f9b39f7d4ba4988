"""What is wanted of all hosts, and how the server keeps up: plans, service rules, operations."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from profiler import access
from profiler.core.inventory import Continuous
from profiler.fleet import plans, rules
from profiler.fleet.plans import Plan
from profiler.fleet.preview import preview
from profiler.fleet.rule import Rule
from profiler.query.continuous import hosts_continuous
from profiler.query.operations import operations

plan_router = Router(tags=["continuous profiling"])
rule_router = Router(tags=["service rules"])
operations_router = Router(tags=["operations"])


class PlanOut(Schema):
    """Of the plans that fit a host the first by `position` counts."""

    id: int
    position: int
    selector: str
    on: bool
    frequency: int
    length_s: int
    labels: dict[str, str]


class HostContinuousOut(Schema):
    """`wanted` is what the plan (by id) says; `is_now` what the host's last heartbeat says."""

    host: str
    alive: bool
    plan: int | None
    wanted: dict[str, Any]
    state: str
    is_now: Continuous


@plan_router.get("", response=list[PlanOut], summary="Plans of continuous profiling, in their order")
def list_plans(request: HttpRequest) -> list[Any]:
    return list(access.continuous_plans(request.user))


@plan_router.post("", response={201: PlanOut}, summary="A new plan, after all others")
def make_plan(request: HttpRequest, plan: Plan) -> Status[Any]:
    return Status(201, plans.save(request.user, plan))


@plan_router.get("/hosts", response=list[HostContinuousOut], summary="What each host is to do, and what it does")
def plan_hosts(request: HttpRequest) -> list[HostContinuousOut]:
    return [
        HostContinuousOut(
            host=row.host.id,
            alive=row.host.alive,
            plan=row.plan.pk if row.plan else None,
            wanted=row.wanted.model_dump(mode="json"),
            state=row.word,
            is_now=row.is_now,
        )
        for row in hosts_continuous(request.user)
    ]


@plan_router.put("/{plan_id}", response=PlanOut, summary="Change a plan")
def change_plan(request: HttpRequest, plan_id: int, plan: Plan) -> Any:
    return plans.save(request.user, plan, plan_id)


@plan_router.delete("/{plan_id}", response={204: None}, summary="Delete a plan")
def delete_plan(request: HttpRequest, plan_id: int) -> Status[None]:
    plans.PLANS.delete(request.user, plan_id)
    return Status(204, None)


class RuleOut(Schema):
    """Of the rules that fit a process the first by `position` counts."""

    id: int
    position: int
    source: str
    variable: str
    pattern: str
    service: str
    selector: str


class LineOut(Schema):
    """`rule` counts from 0 in the rules that were sent; `was`: services of these processes by the rules that hold."""

    service: str
    rule: int | None
    processes: int
    cpu_percent: float
    hosts: list[str]
    was: list[str]


class PreviewOut(Schema):
    """`more` services are not listed; `silent`: variable → hosts whose agents do not read it."""

    lines: list[LineOut]
    more: int
    hosts: int
    processes: int
    silent: dict[str, list[str]]


@rule_router.get("", response=list[RuleOut], summary="Rules that say which service a process is of, in their order")
def list_rules(request: HttpRequest) -> list[Any]:
    return list(access.service_rules(request.user))


@rule_router.post("", response={201: RuleOut}, summary="A new rule, after all others")
def make_rule(request: HttpRequest, rule: Rule) -> Status[Any]:
    return Status(201, rules.save(request.user, rule))


@rule_router.post("/preview", response=PreviewOut, summary="What these rules would make of what runs now")
def preview_rules(request: HttpRequest, thought: list[Rule]) -> PreviewOut:
    access.require_role(request.user)
    now = [rules.rule_of(row) for row in access.service_rules(request.user)]
    found = preview(request.user, [rules.check(rule) for rule in thought[: rules.MAX_RULES]], now)
    lines = [{**vars(line), "hosts": sorted(line.hosts), "was": sorted(line.was)} for line in found.lines]
    return PreviewOut(
        lines=[LineOut.model_validate(line) for line in lines],
        more=found.more,
        hosts=found.hosts,
        processes=found.processes,
        silent={variable: list(hosts) for variable, hosts in found.silent.items()},
    )


@rule_router.put("/{rule_id}", response=RuleOut, summary="Change a rule")
def change_rule(request: HttpRequest, rule_id: int, rule: Rule) -> Any:
    return rules.save(request.user, rule, rule_id)


@rule_router.delete("/{rule_id}", response={204: None}, summary="Delete a rule")
def delete_rule(request: HttpRequest, rule_id: int) -> Status[None]:
    rules.RULES.delete(request.user, rule_id)
    return Status(204, None)


class KindOut(Schema):
    kind: str
    segments: int
    rows: int
    bytes: int


class ServerOut(Schema):
    """A server that has the sums; `problem`: why nothing more is known of it, empty when it answers."""

    name: str
    problem: str
    version: str
    free: int
    total: int
    mutations: int
    behind_s: int
    read_only: int


class WorkOut(Schema):
    """`late`: it should have run again by now. `outcome` is empty before its first run."""

    name: str
    every_s: int
    late: bool
    ran_at: datetime | None = None
    outcome: str = ""
    message: str = ""
    worked_at: datetime | None = None
    worked: str = ""
    failed_at: datetime | None = None
    failure: str = ""


class StreamOut(Schema):
    """`lag_s` is the age of the oldest entry that waits for the server."""

    name: str
    entries: int
    pending: int
    lag_s: float | None


class RejectedOut(Schema):
    at: datetime
    stream: str
    reason: str


class AgentOut(Schema):
    host: str
    alive: bool
    waiting: int
    bytes: int
    dropped: int
    profiles: int
    last: datetime | None
    problem: str


class OperationsOut(Schema):
    """`trouble` says in words what needs somebody."""

    trouble: list[str]
    segments: int
    rows: int
    bytes: int
    kinds: list[KindOut]
    hot_rows: int
    hot_sent: int
    oldest: datetime | None
    server: ServerOut | None
    services: int
    series: int
    newest: datetime | None
    missing: int
    missing_paths: list[str]
    work: list[WorkOut]
    streams: list[StreamOut]
    rejected: list[RejectedOut]
    redis_bytes: int
    disk_free: int
    disk_total: int
    agents: list[AgentOut]


@operations_router.get("", response=OperationsOut, summary="The store, its upkeep, the streams and the agents' disks")
def show_operations(request: HttpRequest, sort: str = "host") -> OperationsOut:
    state = operations(request.user, sort)
    store = state.store
    same = ("segments", "rows", "bytes", "services", "series", "newest", "oldest", "missing")
    return OperationsOut(
        **{name: getattr(store, name) for name in same},
        trouble=list(state.trouble),
        kinds=[KindOut.model_validate(vars(kind)) for kind in store.kinds],
        hot_rows=store.hot.rows,
        hot_sent=store.hot.sent,
        server=ServerOut.model_validate(vars(store.server)) if store.server else None,
        missing_paths=list(store.missing_paths),
        redis_bytes=state.redis_bytes,
        work=[WorkOut.model_validate({**vars(each), **(vars(each.last) if each.last else {})}) for each in state.work],
        streams=[StreamOut.model_validate(vars(stream)) for stream in state.streams],
        rejected=[RejectedOut.model_validate(vars(entry)) for entry in state.rejected],
        disk_free=state.disk.free,
        disk_total=state.disk.total,
        agents=[
            AgentOut.model_validate({**vars(agent), "host": agent.host.id, "alive": agent.host.alive})
            for agent in state.agents
        ],
    )
