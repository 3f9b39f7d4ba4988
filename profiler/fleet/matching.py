"""Which rule a process fits, and the service that gives it. Expressions run in RE2 (by Arrow): in linear time, whatever
somebody typed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiler.core.services import MAX_SERVICE, Facts, default_service
from profiler.fleet.like import whole
from profiler.fleet.rule import Rule, Source


class Named(NamedTuple):
    """`rule` is the place of the rule that gave the name; None: no rule fits."""

    service: str
    rule: int | None


def services(facts: Sequence[Facts], host: Mapping[str, str], rules: Sequence[Rule]) -> list[Named]:
    """For each process of a host with these labels. `rules` are those for this host; the first that fits counts."""
    found: list[Named | None] = [None] * len(facts)
    for place, rule in enumerate(rules):
        left = [i for i, named in enumerate(found) if named is None]
        values = [_value(facts[i], host, rule) for i in left]
        for i, service in zip(left, _rewritten(rule, values), strict=True):
            if service:
                found[i] = Named(service, place)
    return [named or Named(default_service(one), None) for named, one in zip(found, facts, strict=True)]


def problem(rule: Rule) -> str:
    """Why the expression or the name can't be used; empty when they can."""
    try:
        pc.replace_substring_regex(pa.array(["x"]), pattern=whole(rule.pattern), replacement=rule.service)
        # Arrow looks at the name only where the expression fits: all groups empty, everything does.
        pc.replace_substring_regex(pa.array([""]), pattern=f"(?:{whole(rule.pattern)})?", replacement=rule.service)
    except pa.ArrowInvalid as error:
        return str(error).splitlines()[0]
    return ""


def _rewritten(rule: Rule, values: Sequence[str]) -> list[str]:
    """The service for each value; empty where the rule does not fit. What nobody tells fits nothing."""
    expression = whole(rule.pattern)
    array = pa.array(values, pa.string())
    fits = np.asarray(pc.match_substring_regex(array, expression)) & np.array(
        [bool(value) for value in values], dtype=bool
    )
    if not fits.any():
        return [""] * len(values)
    names = pc.replace_substring_regex(array, pattern=expression, replacement=rule.service).to_pylist()
    return [name.strip()[:MAX_SERVICE] if fit else "" for name, fit in zip(names, fits.tolist(), strict=True)]


def _value(facts: Facts, host: Mapping[str, str], rule: Rule) -> str:
    match rule.source:
        case Source.PROGRAM:
            return facts.comm
        case Source.UNIT:
            return facts.unit
        case Source.CONTAINER:
            return facts.container
        case Source.IMAGE:
            return facts.image
        case Source.VARIABLE:
            return dict(facts.variables).get(rule.variable, "")
        case Source.LABEL:
            return host.get(rule.variable, "")
