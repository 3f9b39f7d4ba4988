"""Events of a feed as binary messages for the browser, as columns; `static/js/core/feed-wire.js` reads them.

Numbers are typed arrays, 64-bit ones doubles (exact to 2^53). Times are doubles, nanoseconds after the header's
`base_s` (Unix seconds). Texts are numbers (u32) of the distinct ones, which the header has: `texts`, column → list.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch
from profiler.core.probe import Column, Field, Probe, Shows
from profiler.core.sections import pack

MAGIC = b"WPF1"
SCHEMA = 1
# A browser takes one message in one go: with 8,192 events of ten columns that is a few milliseconds.
MAX_EVENTS = 8192
# Of texts as long as they may be a message has fewer events.
MAX_TEXT_CHARACTERS = 2**21
NS = 10**9
LENGTH = struct.Struct("<Q")
Numbers = npt.NDArray[Any]


def messages(batch: EventBatch, probe: Probe, head: Mapping[str, Any]) -> list[bytes]:
    """One or more messages with all events of the batch. `head` goes into each header.

    Raises BatchError: a column is missing, or not what the probe says it is. Private ones may be hidden.
    """
    hidden = [field.name for field in probe.fields if field.name not in batch.columns and field.shows.is_private]
    columns = {field: _column(batch, field) for field in probe.fields if field.name not in hidden}
    base_s = batch.start_ns // NS
    common = {
        "schema": SCHEMA,
        "host": batch.host,
        "probe": batch.probe,
        "base_s": base_s,
        "start_ms": batch.start_ns / 1e6,
        "end_ms": batch.end_ns / 1e6,
        "hidden": hidden,
        **head,
    }
    return [_message(common, columns, base_s, part) for part in _parts(columns, len(batch))]


def in_one(several: Iterable[bytes]) -> bytes:
    """Messages after each other in one answer, each behind its length (u64)."""
    return b"".join(part for one in several for part in (LENGTH.pack(len(one)), one))


def _column(batch: EventBatch, field: Field) -> Column:
    column = batch.columns.get(field.name)
    if column is None or isinstance(column, list) != field.shows.is_text:
        kind = "text" if field.shows.is_text else "numbers"
        raise BatchError(f"events of {batch.probe}: column {field.name} has no {kind}")
    return column


def _parts(columns: Mapping[Field, Column], length: int) -> Iterator[slice]:
    """Slices of at most MAX_EVENTS, and of MAX_TEXT_CHARACTERS as far as one event allows."""
    texts = [np.fromiter(map(len, each), np.int64, length) for each in columns.values() if isinstance(each, list)]
    characters = np.cumsum(np.sum(texts, axis=0)) if texts else np.zeros(length, np.int64)
    start, before = 0, 0
    while start < length:
        fits = int(np.searchsorted(characters, before + MAX_TEXT_CHARACTERS, side="right"))
        end = max(start + 1, min(start + MAX_EVENTS, fits))
        yield slice(start, end)
        start, before = end, int(characters[end - 1])
    if length == 0:
        yield slice(0, 0)


def _message(common: Mapping[str, Any], columns: Mapping[Field, Column], base_s: int, part: slice) -> bytes:
    texts: dict[str, list[str]] = {}
    numbers: dict[str, Numbers] = {}
    for field, column in columns.items():
        if isinstance(column, list):
            distinct: dict[str, int] = {}
            codes = [distinct.setdefault(text, len(distinct)) for text in column[part]]
            numbers[field.name], texts[field.name] = np.array(codes, dtype="<u4"), list(distinct)
        else:
            numbers[field.name] = _numbers(column[part], base_s if field.shows is Shows.TIME else None)
    events = len(next(iter(numbers.values()), ()))
    return pack(MAGIC, {**common, "events": events, "texts": texts}, numbers)


def _numbers(column: Numbers, base_s: int | None) -> Numbers:
    """What typed arrays of the browser hold; times from `base_s` on, exact to the nanosecond for a hundred days."""
    if base_s is None:
        return column if column.dtype.itemsize < 8 else column.astype("<f8")
    base = np.uint64(min(base_s * NS, 2**63))
    at = column.astype("<u8")
    return np.where(at >= base, (at - base).astype("<f8"), -(base - at).astype("<f8")).astype("<f8")
