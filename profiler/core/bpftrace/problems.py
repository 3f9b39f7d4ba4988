"""What bpftrace says on stderr: mistakes with their place in the program, and the rest without what says nothing."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# What a person reads; a program of many mistakes has the first ones mended first.
MAX_PROBLEMS = 20
MAX_STDERR_BYTES = 16_384
# Printed when it starts without CAP_SYS_RESOURCE, and harmless since Linux 5.11: BPF memory is the control group's.
_SAYS_NOTHING = ("set RLIMIT_MEMLOCK", "available_filter_functions", "Addrspace is not set")
_PLACE = re.compile(r"^stdin:(\d{1,6})(?::(\d{1,6})(?:-(\d{1,6}))?|-(\d{1,6}))?: (ERROR|WARNING): (.*)$")
_MARK = re.compile(r"^\s*~+\s*$")

Place = Annotated[int, Field(ge=0, lt=2**31)]


class Problem(BaseModel):
    """`line` and columns count from 1; `end` is the column behind the last one. 0: not known."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    line: Place = 0
    column: Place = 0
    end: Place = 0
    text: Annotated[str, StringConstraints(max_length=1000)]
    fatal: bool = True


def read_stderr(data: bytes, program: str) -> list[Problem]:
    """In the order they were said. The lines that show the program and a mark below it are left out: pages do so."""
    source = program.split("\n")
    problems: list[Problem] = []
    shown = ""
    for line in _lines(data):
        if found := _PLACE.match(line):
            number, column, end, _, kind, text = found.groups()
            shown = source[int(number) - 1] if 0 < int(number) <= len(source) else ""
            first, last = _characters(shown, int(column or 0)), _characters(shown, int(end or 0))
            problems.append(_problem(int(number), first, last, text, kind == "ERROR"))
        elif line.strip() and line != shown and not _MARK.match(line):
            problems.append(_problem(0, 0, 0, line.removeprefix("ERROR: "), line.startswith("ERROR")))
    return problems[:MAX_PROBLEMS]


def _characters(line: str, column: int) -> int:
    """bpftrace counts bytes."""
    return len(line.encode()[: column - 1].decode("utf-8", "ignore")) + 1 if column else 0


def _lines(data: bytes) -> list[str]:
    """One message may be written right behind another."""
    text = data[:MAX_STDERR_BYTES].decode("utf-8", "replace").replace("permittedERROR:", "permitted\nERROR:")
    return [line for line in text.splitlines() if not any(words in line for words in _SAYS_NOTHING)]


def _problem(line: int, column: int, end: int, text: str, fatal: bool) -> Problem:
    return Problem(line=line, column=column, end=max(end, column), text=text[:1000], fatal=fatal)
