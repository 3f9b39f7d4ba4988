"""Plans of continuous profiling: which hosts, and how. Admins change them."""

from typing import Annotated, Any

from django.contrib.auth.models import User
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler import access
from profiler.core.continuous import (
    DEFAULT_FREQUENCY_HZ,
    DEFAULT_LENGTH_S,
    MAX_FREQUENCY_HZ,
    MAX_LENGTH_S,
    MIN_LENGTH_S,
    Labels,
)
from profiler.core.selector import MAX_SELECTOR, SelectorError, parse
from profiler.errors import InvalidError
from profiler.fleet import changes, ordering
from profiler.fleet.like import like
from profiler.fleet.ordered_rows import OrderedRows
from profiler.models import ContinuousPlan

# Each is tried on every host every few seconds; and nobody understands what more of them do together.
MAX_PLANS = 100
FIELDS = ("selector", "on", "frequency", "length_s", "labels")
PLANS = OrderedRows("continuous plan", "change where continuous profiling runs", FIELDS, access.continuous_plan)


class Plan(BaseModel):
    """`selector` as in core/selector.py over the labels of hosts; empty for every host."""

    model_config = ConfigDict(extra="forbid")

    selector: Annotated[str, StringConstraints(max_length=MAX_SELECTOR, strip_whitespace=True)] = ""
    on: bool = True
    frequency: Annotated[int, Field(ge=1, le=MAX_FREQUENCY_HZ)] = DEFAULT_FREQUENCY_HZ
    length_s: Annotated[int, Field(ge=MIN_LENGTH_S, le=MAX_LENGTH_S)] = DEFAULT_LENGTH_S
    labels: Labels = {}


def check_selector(text: str) -> None:
    """Raises InvalidError, also for an expression that only the matching engine does not know."""
    try:
        parse(text).choose({0: {}}, like)
    except SelectorError as error:
        raise InvalidError(str(error), "selector") from None


def save(user: access.Visitor, wanted: Plan, plan_id: int | None = None) -> ContinuousPlan:
    """Change a plan, or make one, which comes last. Raises ForbiddenError, NotFoundError, InvalidError."""
    admin = PLANS.admin(user)
    check_selector(wanted.selector)
    with transaction.atomic():
        if plan_id is not None:
            plan = access.continuous_plan(user, plan_id)
            return _write(admin, plan, PLANS.values(plan), wanted)
        return _write(admin, _new(ordering.last_position(ContinuousPlan)), None, wanted)


def switch_host(user: access.Visitor, host_id: str, *, on: bool) -> ContinuousPlan:
    """Switch one host: a plan for it alone, before all others. Its rate and labels stay as they were."""
    admin = PLANS.admin(user)
    host = access.host(user, host_id)
    selector = f'host="{host.pk}"'
    with transaction.atomic():
        plan = access.continuous_plans(user).filter(selector=selector).first()
        before = PLANS.values(plan) if plan else None
        plan = plan or _new(0)
        plan.position = ordering.first_position(ContinuousPlan)
        wanted = Plan.model_validate({**before, "on": on}) if before else Plan(selector=selector, on=on)
        return _write(admin, plan, before, wanted)


def _new(position: int) -> ContinuousPlan:
    if ContinuousPlan.objects.count() >= MAX_PLANS:
        raise InvalidError(f"there are MAX_PLANS ({MAX_PLANS}) plans already: delete one, or join some with =~")
    return ContinuousPlan(position=position)


def _write(admin: User, plan: ContinuousPlan, before: dict[str, Any] | None, wanted: Plan) -> ContinuousPlan:
    for name, value in wanted.model_dump().items():
        setattr(plan, name, value)
    plan.save()
    if before != PLANS.values(plan):
        changes.note(admin, PLANS.what, str(plan), before, PLANS.values(plan))
    return plan
