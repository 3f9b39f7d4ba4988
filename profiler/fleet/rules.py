"""The rules that say which service a process is of. Admins change them; new profiles follow at once, old ones stay."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from profiler import access
from profiler.core.continuous import MAX_VARIABLES
from profiler.core.services import Facts, Naming
from profiler.errors import InvalidError
from profiler.fleet import changes, ordering
from profiler.fleet.desired import fitting, host_labels
from profiler.fleet.matching import problem, services
from profiler.fleet.ordered_rows import OrderedRows
from profiler.fleet.plans import check_selector
from profiler.fleet.rule import Rule, Source
from profiler.heartbeats import of
from profiler.models import ServiceRule

# Each is tried on every process of every profile: a hundred take 5 ms.
MAX_RULES = 100
FIELDS = tuple(Rule.model_fields)
RULES = OrderedRows("service rule", "change service rules", FIELDS, access.service_rule)


def rule_of(row: ServiceRule) -> Rule:
    return Rule.model_construct(**{**RULES.values(row), "source": Source(row.source)})


def check(rule: Rule) -> Rule:
    """Raises InvalidError for what only the matching engine finds wrong."""
    if wrong := problem(rule):
        raise InvalidError(f"pattern {rule.pattern!r} with service {rule.service!r}: {wrong}", "pattern")
    check_selector(rule.selector)
    return rule


def save(user: access.Visitor, rule: Rule, rule_id: int | None = None) -> ServiceRule:
    """Change a rule, or make one, which comes last. Raises ForbiddenError, NotFoundError, InvalidError."""
    admin = RULES.admin(user)
    check(rule)
    with transaction.atomic():
        row = access.service_rule(user, rule_id) if rule_id is not None else _new()
        before = RULES.values(row) if rule_id is not None else None
        for name, value in rule.model_dump(mode="json").items():
            setattr(row, name, value)
        row.save()
        _bound_variables()
        if before != RULES.values(row):
            changes.note(admin, RULES.what, str(row), before, RULES.values(row))
    return row


def variables(rules: Sequence[Rule] | None = None) -> tuple[str, ...]:
    """Those of environments that rules look at: agents are asked for them."""
    if rules is None:
        rules = [rule_of(row) for row in ServiceRule.objects.filter(source=Source.VARIABLE)]
    return tuple(sorted({rule.variable for rule in rules if rule.source is Source.VARIABLE}))


def for_host(rules: Sequence[Rule], host: Mapping[str, str]) -> list[int]:
    """The places of those rules that are for a host with these labels."""
    return [place for place, rule in enumerate(rules) if not rule.selector or fitting(rule.selector, {"": host})]


def naming(host: str, labels: Mapping[str, str]) -> Naming:
    """The rules as they are now, for profiles of a host. `labels` are those of the profile."""
    rules = [rule_of(row) for row in ServiceRule.objects.all()]
    if not rules:
        return _named(lambda facts: services(facts, {}, []))
    known = of([host]).get(host) if any(rule.selector or rule.source is Source.LABEL for rule in rules) else None
    named = {**labels, **host_labels(host, known)}
    chosen = [rules[place] for place in for_host(rules, named)]
    return _named(lambda facts: services(facts, named, chosen))


def _named(match: Callable[[Sequence[Facts]], Sequence[Any]]) -> Naming:
    return lambda facts: [found.service for found in match(facts)]


def _new() -> ServiceRule:
    if ServiceRule.objects.count() >= MAX_RULES:
        raise InvalidError(f"there are MAX_RULES ({MAX_RULES}) rules already: delete one, or join some with |")
    return ServiceRule(position=ordering.last_position(ServiceRule))


def _bound_variables() -> None:
    if len(asked := variables()) > MAX_VARIABLES:
        raise InvalidError(f"rules look at {len(asked)} variables, MAX_VARIABLES is {MAX_VARIABLES}", "variable")
