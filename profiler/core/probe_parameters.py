"""What a person chooses of a probe: a value with its bounds, and the macros that the program gets of it."""

import re
from dataclasses import dataclass

import numpy as np

# Of a choice among many, a refusal names the first.
MAX_NAMED_CHOICES = 12
COMM_BYTES = 15  # TASK_COMM_LEN without the final zero


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
