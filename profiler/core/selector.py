"""Which series are meant: `service="web", host=~"db-[0-9]+", version!="2.1"`. The labels of a series decide.

    selector = [matcher {"," matcher} [","]]        matcher = name ("=" | "!=" | "=~" | "!~") text

A text is in double quotes, with `\\"`, `\\\\` and `\\n` inside it. `=~` and `!~` are regular expressions that must fit
the whole value. A label that a series does not have is the empty text. No matcher at all means every series.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, TypeVar

from profiler.core.errors import WebprofError

MAX_SELECTOR = 4096
MAX_MATCHERS = 32
MAX_PATTERN = 256
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_OPERATOR = re.compile(r"=~|!~|!=|=")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n"}

K = TypeVar("K", bound=Hashable)
# Which of these values an expression fits as a whole. Given by the caller: Python's own engine backtracks, and an
# expression from outside could make it run for ever. Raises ValueError for an expression that it doesn't know.
Like = Callable[[str, list[str]], set[str]]


class SelectorError(WebprofError):
    """The text does not parse. `position` is the character (from 0) where it went wrong."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(f"selector, character {position + 1}: {message}")
        self.position = position


class Match(StrEnum):
    EQUAL = "="
    DIFFERENT = "!="
    LIKE = "=~"
    UNLIKE = "!~"


@dataclass(frozen=True)
class Matcher:
    """One condition on one label; `position` is where its text stood."""

    label: str
    match: Match
    value: str
    position: int = field(default=0, compare=False)

    def fitting(self, values: set[str], like: Like) -> set[str]:
        """Those of a label's values that fit. Raises SelectorError."""
        if self.match in (Match.EQUAL, Match.DIFFERENT):
            found = values & {self.value}
        else:
            try:
                found = like(self.value, sorted(values))
            except ValueError as error:
                raise SelectorError(self.position, f"{self.value!r}: {error}") from None
        return found if self.match in (Match.EQUAL, Match.LIKE) else values - found

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.label}{self.match}"{escaped}"'


@dataclass(frozen=True)
class Selector:
    """All matchers must fit. Prints as text that parses to the same."""

    matchers: tuple[Matcher, ...] = ()

    def choose(self, series: Mapping[K, Mapping[str, str]], like: Like) -> list[K]:
        """The series (key → labels) that fit, in their order. Each expression sees each value once."""
        chosen = list(series)
        for matcher in self.matchers:
            value = {key: series[key].get(matcher.label, "") for key in chosen}
            fitting = matcher.fitting(set(value.values()), like)
            chosen = [key for key in chosen if value[key] in fitting]
        return chosen

    def __str__(self) -> str:
        return ", ".join(map(str, self.matchers))


def parse(text: str) -> Selector:
    """Raises SelectorError, which points at the character."""
    if len(text) > MAX_SELECTOR:
        raise SelectorError(MAX_SELECTOR, f"longer than MAX_SELECTOR ({MAX_SELECTOR} characters)")
    return Selector(tuple(_matchers(text)))


def _matchers(text: str) -> Iterator[Matcher]:
    position = _skip(text, 0)
    count = 0
    while position < len(text):
        count += 1
        if count > MAX_MATCHERS:
            raise SelectorError(position, f"more than MAX_MATCHERS ({MAX_MATCHERS}) conditions")
        matcher, position = _matcher(text, position)
        yield matcher
        position = _skip(text, position)
        if position < len(text):
            if text[position] != ",":
                _expected(text, position, "a comma or the end")
            position = _skip(text, position + 1)


def _matcher(text: str, position: int) -> tuple[Matcher, int]:
    name = NAME.match(text, position) or _expected(text, position, "the name of a label")
    start = _skip(text, name.end())
    operator = _OPERATOR.match(text, start) or _expected(text, start, "=, !=, =~ or !~")
    start = _skip(text, operator.end())
    quoted = _TEXT.match(text, start) or _no_text(text, start)
    value = _ESCAPE.sub(_unescaped, quoted[1])
    match = Match(operator[0])
    if match in (Match.LIKE, Match.UNLIKE):
        _check_pattern(value, start + 1)
    return Matcher(name[0], match, value, start + 1), quoted.end()


def _unescaped(found: re.Match[str]) -> str:
    # In a regular expression a backslash is most often meant for the expression itself.
    return _ESCAPES.get(found[1], found[0])


def _check_pattern(value: str, position: int) -> None:
    if len(value) > MAX_PATTERN:
        raise SelectorError(position, f"an expression of more than MAX_PATTERN ({MAX_PATTERN}) characters")
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise SelectorError(position, f"{value!r} is no regular expression: {error}") from None


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _expected(text: str, position: int, what: str) -> NoReturn:
    there = f"not {text[position]!r}" if position < len(text) else "but the text ends"
    raise SelectorError(position, f"expected {what}, {there}")


def _no_text(text: str, position: int) -> NoReturn:
    if text[position : position + 1] == '"':
        raise SelectorError(position, 'this text has no closing "')
    _expected(text, position, "a text in double quotes")
