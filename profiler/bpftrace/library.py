"""One-liners to choose from: library.toml, with parameters that are checked before they become part of a program."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.errors import InvalidError, NotFoundError

FILE = Path(__file__).with_name("library.toml")
# What may stand in a program as it is, by kind: none of these can end a text, a probe's name or a comment.
_PATTERNS = {
    "comm": re.compile(r"[A-Za-z0-9_.:/@-]{1,15}", re.ASCII),
    "path": re.compile(r"/[A-Za-z0-9_.+/-]{1,255}", re.ASCII),
    "symbol": re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,127}", re.ASCII),
}
_ALLOWED = {
    "comm": "1 to 15 letters, digits and _ . : / @ -",
    "path": "an absolute path of letters, digits and _ . + / -",
    "symbol": "a function's name of letters, digits, _ and .",
}
_PLACE = re.compile(r"<<([a-z]+)>>")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,63}$")]


class Parameter(BaseModel):
    """`least`, `most` and `unit` are of numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,32}$")]
    kind: Literal["number", "comm", "path", "symbol"]
    title: str
    default: int | str
    least: int = 0
    most: int = 0
    unit: str = ""

    @property
    def allowed(self) -> str:
        return f"{self.least:,} to {self.most:,} {self.unit}".strip() if self.kind == "number" else _ALLOWED[self.kind]

    def checked(self, given: str) -> str:
        """As it stands in the program. Raises InvalidError."""
        if self.kind == "number":
            fits = re.fullmatch(r"[0-9]{1,18}", given) is not None and self.least <= int(given) <= self.most
            text = str(int(given)) if fits else ""
        else:
            fits, text = _PATTERNS[self.kind].fullmatch(given) is not None, given
        if not fits:
            raise InvalidError(f"{self.name}: {given[:64]!r} is not {self.allowed}", self.name)
        return text


class OneLiner(BaseModel):
    """`cost`: of one event, in words; `needs`: what a kernel or program must have for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    title: str
    about: str
    cost: str
    program: str
    needs: str = ""
    parameters: Annotated[tuple[Parameter, ...], Field(max_length=8)] = ()

    def text(self, given: Mapping[str, str]) -> str:
        """The program with these values, or the defaults. Raises InvalidError that names the parameter."""
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := sorted(set(given) - set(known)):
            raise InvalidError(f"{self.name} has no parameter {unknown[0][:64]!r}", unknown[0])
        values = {name: each.checked(str(given.get(name, each.default)).strip()) for name, each in known.items()}
        return _laid_out(_PLACE.sub(lambda place: values[place[1]], self.program))


@cache
def library() -> tuple[OneLiner, ...]:
    with FILE.open("rb") as file:
        return tuple(OneLiner.model_validate(entry) for entry in tomllib.load(file)["entry"])


def one_liner(name: str) -> OneLiner:
    found = next((each for each in library() if each.name == name), None)
    if found is None:
        raise NotFoundError(f"the library has no program {name[:64]!r}")
    return found


def _laid_out(program: str) -> str:
    """Each probe on a line of its own: an editor shows it so."""
    return re.sub(r"\} (?=(?:tracepoint|uretprobe|uprobe|interval|END)\b)", "}\n", program)
