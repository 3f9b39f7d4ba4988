"""What was wrong with a specification, in words for the person who gave it. One wording for form, API and commands."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from profiler.core.probe import ProbeError
from profiler.core.spec import RecordingSpec
from profiler.errors import InvalidError
from profiler.probes.stacks import parameters_of, stack_probes

MAX_SHOWN = 100


def parse_spec(data: Mapping[str, Any]) -> RecordingSpec:
    """The checked specification. Raises InvalidError for the first field that is wrong."""
    try:
        return RecordingSpec.model_validate(data)
    except ValidationError as error:
        field, message = field_errors(error)[0]
        raise InvalidError(message, field) from None


def require_probe(spec: RecordingSpec) -> None:
    """Raises InvalidError: there is no such probe, or not with these parameters."""
    try:
        parameters_of(spec)
    except ProbeError as error:
        raise InvalidError(str(error), "parameters" if spec.probe in stack_probes() else "probe") from None


def field_errors(error: ValidationError) -> list[tuple[str | None, str]]:
    """Each wrong field with a message that names it, its value and what is allowed; None for a rule of several."""
    return [describe(each) for each in error.errors()]


def describe(error: Mapping[str, Any], skip: int = 0) -> tuple[str | None, str]:
    """One of pydantic's errors; the first `skip` parts of its place say where the input came from, not what it is."""
    place = [str(part) for part in error["loc"][skip:]]
    message = str(error["msg"]).removeprefix("Value error, ")
    if not place:
        return None, message
    if error["type"] in ("missing", "extra_forbidden"):
        what = "is required" if error["type"] == "missing" else "is not a known field"
        return place[0], f"{'.'.join(place)} {what}"
    shown = repr(error.get("input"))[:MAX_SHOWN]
    return place[0], f"{'.'.join(place)}: {message[0].lower()}{message[1:]}, not {shown}"
