"""Continuous profiling: what the server wants of a host, and what the host makes of it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from profiler.core.selector import NAME

# Low enough to be on always and everywhere; no divisor of timers at 100 or 250 Hz.
DEFAULT_FREQUENCY_HZ = 19
MAX_FREQUENCY_HZ = 99
# A profile costs the server a row per service, whatever it holds: 10 s see what lasts for seconds, 60 s are six times
# cheaper.
DEFAULT_LENGTH_S = 10
MIN_LENGTH_S = 10
MAX_LENGTH_S = 60
MAX_LABELS = 16
MAX_VARIABLES = 16
MAX_LABEL_VALUE = 128
# What the store says itself of each profile, and what tells continuous profiles from recordings.
SOURCE, CONTINUOUS = "source", "continuous"
RESERVED = ("service", "host", SOURCE)


def _label_name(name: str) -> str:
    if not NAME.fullmatch(name) or len(name) > MAX_LABEL_VALUE:
        raise ValueError(f"{name[:40]!r} is no name of a label: letters, digits, '_' and '.', such as env")
    if name in RESERVED:
        raise ValueError(f"{name!r} is what webprof itself says of a profile: take another name")
    return name


LabelName = Annotated[str, AfterValidator(_label_name)]
LabelValue = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LABEL_VALUE, pattern=r"^[^\x00-\x1f\x7f]+$")]
Labels = Annotated[dict[LabelName, LabelValue], Field(max_length=MAX_LABELS)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class ContinuousSettings(BaseModel):
    """What a host is told. `labels` go with every profile; `variables` of processes are asked for by service rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = False
    probe: Literal["cpu"] = "cpu"
    frequency: Annotated[int, Field(ge=1, le=MAX_FREQUENCY_HZ)] = DEFAULT_FREQUENCY_HZ
    length_s: Annotated[int, Field(ge=MIN_LENGTH_S, le=MAX_LENGTH_S)] = DEFAULT_LENGTH_S
    labels: Labels = {}
    variables: Annotated[tuple[Variable, ...], Field(max_length=MAX_VARIABLES)] = ()


def parse_label(text: str) -> tuple[str, str]:
    """`env=prod`. Raises ValueError."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[^\x00-\x1f\x7f]{1,128}", value):
        raise ValueError(f"{text[:40]!r} is not NAME=VALUE, such as env=prod")
    return _label_name(name), value
