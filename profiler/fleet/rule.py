"""A service rule, as a person writes it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from profiler.core.continuous import Variable
from profiler.core.selector import MAX_PATTERN, MAX_SELECTOR, NAME
from profiler.core.services import MAX_SERVICE

_variable: TypeAdapter[str] = TypeAdapter(Variable)


class Source(StrEnum):
    """What of a process a rule looks at."""

    PROGRAM = "program"
    UNIT = "unit"
    CONTAINER = "container"
    IMAGE = "image"
    VARIABLE = "variable"
    LABEL = "label"


# Whose names a rule must give.
NAMED = (Source.VARIABLE, Source.LABEL)


class Rule(BaseModel):
    r"""Processes whose `source` fits all of `pattern` are of `service`, in which `\1` is the first group of it.

    `variable` names the environment variable, or the host's label; `selector` says on which hosts, empty for all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source
    variable: Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)] = ""
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PATTERN)]
    service: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SERVICE, strip_whitespace=True)]
    selector: Annotated[str, StringConstraints(max_length=MAX_SELECTOR, strip_whitespace=True)] = Field(default="")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.source in NAMED and not self.variable:
            raise ValueError(f"variable: say which {self.source} the rule looks at, such as OTEL_SERVICE_NAME")
        if self.source not in NAMED and self.variable:
            raise ValueError(f"variable: a rule about the {self.source} has none")
        if self.source is Source.VARIABLE:
            _variable.validate_python(self.variable)
        if self.source is Source.LABEL and not NAME.fullmatch(self.variable):
            raise ValueError(f"variable: {self.variable!r} is no name of a label, such as env")
        return self
