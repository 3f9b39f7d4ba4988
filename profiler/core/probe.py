"""What a probe says of itself: what it needs, what it emits, what can be asked of it, what it costs.

Pages, the API, the capability check and the documentation are made of these; profiler/probes/ has one folder per probe.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import WebprofError
from profiler.core.histogram import Buckets
from profiler.core.probe_parameters import (
    COMM_BYTES,
    MAX_NAMED_CHOICES,
    Choice,
    CommName,
    Flag,
    Number,
    Parameter,
    Text,
    Value,
    Values,
)

__all__ = [
    "COMM", "COMM_BYTES", "MAX_NAMED_CHOICES", "PID", "Choice", "Column", "Columns", "CommName", "Emits",
    "Field", "Flag", "Histogram", "Hook", "Number", "Parameter", "Probe", "ProbeError", "Record", "Records",
    "Shows", "Text", "Value", "Values",
]  # fmt: skip

Record = npt.NDArray[np.void]
Records = list[bytes]
Column = npt.NDArray[Any] | list[str]
Columns = dict[str, Column]


class ProbeError(WebprofError):
    """A parameter of a probe that is not one, or out of its bounds. The text names probe, parameter and value."""


class Emits(StrEnum):
    """What comes of a probe."""

    STACKS = "stacks"
    HISTOGRAM = "histogram"
    EVENTS = "events"
    COUNTERS = "counters"


class Shows(StrEnum):
    """What a value is: how pages show, sort and filter it."""

    TIME = "time"  # Unix time in ns
    NUMBER = "number"
    DURATION = "duration"  # ns
    BYTES = "bytes"
    PID = "pid"
    UID = "uid"
    PORT = "port"
    COMM = "comm"
    TEXT = "text"
    PATH = "path"
    COMMAND = "command"  # a program's arguments
    ADDRESS = "address"  # of a network
    NAME = "name"  # of a host, in a DNS query
    ERROR = "error"  # an errno by its name; empty: it went well

    @property
    def is_text(self) -> bool:
        return self in _TEXTS

    @property
    def is_private(self) -> bool:
        """Whether a host's policy may hide it: it can hold a person's or a customer's data."""
        return self in (Shows.PATH, Shows.COMMAND, Shows.NAME)


_TEXTS = {Shows.COMM, Shows.TEXT, Shows.PATH, Shows.COMMAND, Shows.ADDRESS, Shows.NAME, Shows.ERROR}

#: What a host's policy hides when it hides anything.
PRIVATE = tuple(shows for shows in Shows if shows.is_private)


@dataclass(frozen=True)
class Field:
    """A column of an event."""

    name: str
    shows: Shows
    title: str
    about: str = ""


def around_calls(*calls: str) -> tuple[str, ...]:
    """Tracepoints at which these system calls begin and end, as a probe needs them."""
    return tuple(f"syscalls:sys_{when}_{call}" for call in calls for when in ("enter", "exit"))


PID = Number("pid", "Process", "Only this process; 0 for all.", 0, 2**22, 0)
COMM = CommName("comm", "Name", "Only threads of this name.")


def no_labels(_first: int, _second: int) -> tuple[str, ...]:
    """Of a histogram of one row."""
    return ()


@dataclass(frozen=True)
class Histogram:
    """How a histogram's values are put into buckets, in the kernel. `labels` are names of its rows' labels; `name_rows`
    makes their values of the two words by which the program tells rows apart (bpf/histogram.h).

    `stack` says whose stack an example has, and when it was taken; where none tells anything `no_stack` says why. Both
    are sentences for people.
    """

    shows: Shows
    labels: tuple[str, ...] = ()
    name_rows: Callable[[int, int], tuple[str, ...]] = no_labels
    buckets: Buckets = Buckets(40)  # noqa: RUF009 it is frozen. 2^40 ns are 18 minutes
    stack: str = ""
    no_stack: str = ""


@dataclass(frozen=True)
class Hook:
    """One of several ways in which a probe sees what it tells, with what that needs beyond what the probe always does.

    `macro` is defined in its program when this way is taken. `about`, for people: what is seen, and what is not.
    `formats`: fields of tracepoints, `category:event.field`.
    """

    name: str
    about: str
    macro: str
    needs: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    offsets: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """`needs`: tracepoints, as `category:event`; `offsets`: fields of the kernel's structs, as `struct.path`, which the
    program gets as macros `OFF_STRUCT_PATH`, and `this|that` for what is called one or the other. `arguments`: what the
    program takes of raw tracepoints, `event(struct*, number)`: these arguments in a row, which the program reads as
    `ARGUMENT(event, 0)` and so on (bpf/arguments.h). `enumerators`: names of the kernel's, `ENUM_NAME` in the program.
    `cost_ns`: measured for one event (docs/overhead.md).

    `hooks`: ways to see it, the best one first, of which `at` makes a probe that goes this one.

    `at_places`: it runs in the code of programs (uprobes).

    `headers`: below the package, those that define maps and go before the program.

    `states`: what its program calls the states of a value, counted from 1; without them they are those of waits.

    `unit` is that of a stack's values: `nanoseconds`, `bytes`, or what is counted, in plural (`faults`).

    `decode` makes columns, in the order of `fields`, of what the program sent; the first field is the time, of
    CLOCK_MONOTONIC in ns. It is given an array of `record` when there is one: events of one length, a multiple of eight
    bytes, cost a tenth of those that are read one by one.
    """

    name: str
    title: str
    about: str
    emits: Emits
    needs: tuple[str, ...]
    cost_ns: int
    unit: str = ""
    parameters: tuple[Parameter, ...] = ()
    offsets: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    enumerators: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    switches: tuple[str, ...] = ()
    at_places: bool = False
    states: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    histogram: Histogram | None = None
    decode: Callable[[Any], Columns] | None = None
    record: np.dtype[np.void] | None = None

    def at(self, hook: Hook) -> "Probe":
        """The same probe by one of its ways."""
        return replace(
            self,
            needs=(*self.needs, *hook.needs),
            formats=(*self.formats, *hook.formats),
            offsets=(*self.offsets, *hook.offsets),
            arguments=(*self.arguments, *hook.arguments),
            hooks=(),
            switches=(*self.switches, hook.macro),
        )

    @property
    def needs_btf(self) -> bool:
        """Whether its program is made of what the running kernel says of its own types."""
        ways = any(hook.offsets or hook.arguments for hook in self.hooks)
        return bool(ways or self.offsets or self.arguments or self.enumerators)

    def values(self, given: Mapping[str, object]) -> Values:
        """A value for each parameter. Raises ProbeError."""
        values: Values = {}
        for name, parameter in self._known(given).items():
            try:
                values[name] = parameter.checked(given.get(name, parameter.default))
            except ValueError as error:
                raise ProbeError(f"probe {self.name}: {name}={given[name]!r} {error}") from None
        return values

    def values_of_text(self, given: Mapping[str, str]) -> Values:
        """As `values`, of what a form or an address has: empty text is the default. Raises ProbeError."""
        known = self._known(given)
        found: dict[str, object] = {}
        for name, text in given.items():
            try:
                found |= {name: known[name].of_text(text)} if text else {}
            except ValueError as error:
                raise ProbeError(f"probe {self.name}: {name}={text[:60]!r} {error}") from None
        return self.values(found)

    def _known(self, given: Mapping[str, object]) -> dict[str, Parameter]:
        """All parameters by name. Raises ProbeError when others are given."""
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := sorted(set(given) - set(known)):
            names = ", ".join(known) or "none"
            raise ProbeError(f"probe {self.name} has no parameter {unknown[0][:60]}; it has {names}")
        return known

    def macros(self, values: Values) -> dict[str, int]:
        """Of values that `values` gave."""
        found: dict[str, int] = {}
        for parameter in self.parameters:
            found |= parameter.macros(values[parameter.name])  # type: ignore[arg-type]  # checked by the same parameter
        return found
