"""One line of `bpftrace -f json` (0.17 to 0.21) → what it says. Anything may come: a program prints what it likes.

Two things are not JSON as others write it: bytes from 0x80 on come as `\\uffffffc3` (a sign that was carried on), and a
stack in a key is text of several lines.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

Value = int | str
_CARRIED_SIGN = re.compile(rb"(?<!\\)((?:\\\\)*)\\uffffff([89a-f][0-9a-f])")
# What a map's key or value can be: a stack of 127 frames of C++ names.
MAX_TEXT = 16_384
MAX_INT = 2**63
# Python reads whole numbers of any length, in quadratic time.
MAX_DIGITS = 400
# lhist makes at most a thousand and two open ones.
MAX_BUCKETS = 1002
_STATS = {"count", "average", "total"}


@dataclass(frozen=True)
class Bucket:
    """Values from `low` to `high`, both included; None: open to that side."""

    low: int | None
    high: int | None
    count: int


@dataclass(frozen=True)
class Stats:
    """What `stats()` keeps."""

    count: int
    average: int
    total: int


Cell = Value | Stats | tuple[Bucket, ...]


@dataclass(frozen=True)
class Attached:
    """The program runs now."""

    probes: int


@dataclass(frozen=True)
class Printed:
    """Of printf, time, cat, join and print of what is no map. `ends`: a line of its own, whatever the text says."""

    text: str
    ends: bool = False


@dataclass(frozen=True)
class MapPrinted:
    """A map as it was then. `keyed` is false for one without a key, which is one row with an empty key."""

    name: str
    rows: dict[str, Cell]
    keyed: bool


@dataclass(frozen=True)
class Lost:
    """Lines that bpftrace could not print, as it counted them."""

    events: int


Said = Attached | Printed | MapPrinted | Lost


class UnreadableError(ValueError):
    """A line is not one of bpftrace's."""


def read_line(line: bytes) -> list[Said]:
    """What a line says: several maps may be in one. Raises UnreadableError."""
    mended = _CARRIED_SIGN.sub(lambda found: found[1] + bytes([int(found[2], 16)]), line)
    try:
        told = json.loads(mended.decode("utf-8", "replace"), parse_int=_int, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(told, dict) or "data" not in told:
        raise UnreadableError("not an object with type and data")
    kind, data = told.get("type"), told["data"]
    if kind == "attached_probes":
        return [Attached(_count(data, "probes"))]
    if kind == "lost_events":
        return [Lost(_count(data, "events"))]
    if kind in ("map", "hist", "stats") and isinstance(data, dict):
        return [_map(_clean(name), value, kind == "stats") for name, value in data.items()]
    return [Printed(_text(data), ends=kind not in ("printf", "cat"))]


def _int(text: str) -> int:
    return int(text) if len(text) <= MAX_DIGITS else 0


def _count(data: Any, name: str) -> int:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MAX_INT:
        raise UnreadableError(f"{name} is no count")
    return value


def _map(name: str, value: Any, are_stats: bool) -> MapPrinted:
    """`are_stats`: three numbers of these names are one value, not a map with three keys."""
    if not isinstance(value, dict) or (are_stats and value.keys() == _STATS):
        return MapPrinted(name, {"": _cell(value, are_stats)}, keyed=False)
    return MapPrinted(name, {_clean(key): _cell(each, are_stats) for key, each in value.items()}, keyed=True)


def _cell(value: Any, are_stats: bool) -> Cell:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -MAX_INT <= value < 2 * MAX_INT else str(value)
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return tuple(_bucket(each) for each in value[:MAX_BUCKETS])
    if are_stats and isinstance(value, dict) and value.keys() == _STATS:
        return Stats(*(_number(value[name]) for name in ("count", "average", "total")))
    return _text(value)


def _bucket(told: dict[str, Any]) -> Bucket:
    low, high = told.get("min"), told.get("max")
    return Bucket(None if low is None else _number(low), None if high is None else _number(high), _count(told, "count"))


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -MAX_INT <= value < MAX_INT:
        raise UnreadableError(f"{str(value)[:60]!r} is no number")
    return value


def _text(value: Any) -> str:
    return _clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _clean(text: str) -> str:
    """Text that UTF-8 can hold: escapes of JSON may be halves of a pair."""
    return text[:MAX_TEXT].encode("utf-8", "replace").decode()
