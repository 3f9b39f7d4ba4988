"""What a probe says of itself: what it needs, what it emits, what can be asked of it, what it costs.

Pages, the API, the capability check and the documentation are made of these; profiler/probes/ has one folder per probe.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import WebprofError
from profiler.core.histogram import Buckets

# Of a choice among many, a refusal names the first.
MAX_NAMED_CHOICES = 12
COMM_BYTES = 15  # TASK_COMM_LEN without the final zero

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


@dataclass(frozen=True)
class Number:
    """A whole number that a person chooses. The program sees it as the macro `NAME`."""

    name: str
    title: str
    about: str
    least: int
    most: int
    default: int
    unit: str = ""

    def checked(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise ValueError(f"must be a whole number from {self.least} to {self.most} {self.unit}".rstrip())
        return value

    def of_text(self, text: str) -> int:
        return self.checked(int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else None)

    def macros(self, value: int) -> dict[str, int]:
        return {self.name.upper(): value}


@dataclass(frozen=True)
class Flag:
    """Yes or no: the macro `NAME` is 1 or 0."""

    name: str
    title: str
    about: str
    default: bool = False

    def checked(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError("must be true or false")  # noqa: TRY004 told like all other wrong values
        return value

    def of_text(self, text: str) -> bool:
        return self.checked({"1": True, "true": True, "0": False, "false": False}.get(text.lower()))

    def macros(self, value: bool) -> dict[str, int]:
        return {self.name.upper(): int(value)}


@dataclass(frozen=True)
class CommName:
    """The name of a thread, or empty for all: macros `NAME_0` and `NAME_1`, the halves of its sixteen bytes."""

    name: str
    title: str
    about: str
    default: str = ""

    def checked(self, value: object) -> str:
        if not isinstance(value, str) or len(value.encode()) > COMM_BYTES or "\0" in value:
            raise ValueError(f"must be text of at most {COMM_BYTES} bytes")
        return value

    def of_text(self, text: str) -> str:
        return self.checked(text)

    def macros(self, value: str) -> dict[str, int]:
        halves = np.frombuffer(value.encode().ljust(COMM_BYTES + 1, b"\0"), dtype="<u8")
        return {f"{self.name.upper()}_{i}": int(half) for i, half in enumerate(halves)}


@dataclass(frozen=True)
class Choice:
    """One of some words: the macro `NAME` is its place among them, from 0."""

    name: str
    title: str
    about: str
    choices: tuple[str, ...]
    default: str = ""

    def checked(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            some = ", ".join(word or "empty" for word in self.choices[:MAX_NAMED_CHOICES])
            more = len(self.choices) - MAX_NAMED_CHOICES
            raise ValueError(f"must be one of {some}" + (f" and {more} more" if more > 0 else ""))
        return value

    def of_text(self, text: str) -> str:
        return self.checked(text)

    def macros(self, value: str) -> dict[str, int]:
        return {self.name.upper(): self.choices.index(value)}


@dataclass(frozen=True)
class Text:
    """Text that the host resolves, to the place where a program runs: nothing of it reaches the program.

    `pattern` is what it must be, `expects` the same in words.
    """

    name: str
    title: str
    about: str
    pattern: str
    expects: str
    default: str

    def checked(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise ValueError(f"must be {self.expects}")
        return value

    def of_text(self, text: str) -> str:
        return self.checked(text)

    def macros(self, value: str) -> dict[str, int]:
        del value
        return {}


Parameter = Number | Flag | CommName | Choice | Text
Value = int | bool | str
Values = dict[str, Value]

PID = Number("pid", "Process", "Only this process; 0 for all.", 0, 2**22, 0)
COMM = CommName("comm", "Name", "Only threads of this name.")


def no_labels(_first: int, _second: int) -> tuple[str, ...]:
    """Of a histogram of one row."""
    return ()


@dataclass(frozen=True)
class Histogram:
    """How a histogram's values are put into buckets, in the kernel. `labels` are names of its rows' labels; `name_rows`
    makes their values of the two words by which the program tells rows apart (bpf/histogram.h).
    """

    shows: Shows
    labels: tuple[str, ...] = ()
    name_rows: Callable[[int, int], tuple[str, ...]] = no_labels
    buckets: Buckets = Buckets(40)  # noqa: RUF009 it is frozen. 2^40 ns are 18 minutes


@dataclass(frozen=True)
class Probe:
    """`needs`: tracepoints, as `category:event`; `offsets`: fields of the kernel's structs, as `struct.path`, which the
    program gets as macros `OFF_STRUCT_PATH`, and `this|that` for what is called one or the other. `arguments`: what the
    program takes of raw tracepoints, `event(struct*, number)`: these arguments in a row, which the program reads as
    `ARGUMENT(event, 0)` and so on (bpf/arguments.h). `enumerators`: names of the kernel's, `ENUM_NAME` in the program.
    `cost_ns`: measured for one event (docs/overhead.md).

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
    states: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    histogram: Histogram | None = None
    decode: Callable[[Any], Columns] | None = None
    record: np.dtype[np.void] | None = None

    @property
    def needs_btf(self) -> bool:
        """Whether its program is made of what the running kernel says of its own types."""
        return bool(self.offsets or self.arguments or self.enumerators)

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
