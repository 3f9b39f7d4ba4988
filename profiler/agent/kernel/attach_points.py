"""Where a function of a program runs, when somebody chooses that: a tracepoint, or a place in the code of programs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChosenTracepoint:
    """`number` is tracefs's."""

    function: str
    number: int


@dataclass(frozen=True)
class ChosenPlace:
    """`event`: the type and configuration of the kernel's uprobe events. The place is an offset in a file.

    `pid`: only there; `told`: what to call it when the kernel refuses.
    """

    function: str
    event: tuple[int, int]
    path: str
    offset: int
    pid: int | None
    told: str


AttachPoint = ChosenTracepoint | ChosenPlace
