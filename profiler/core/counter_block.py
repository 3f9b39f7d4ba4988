"""Counters of one host in steps of time: rates of sums, means of levels. A block has SLOTS steps of one length.

Seconds are what agents send; ten of them make a slot of the next tier, sixty one of the last. So a minute's block of
seconds is six slots of ten seconds and one of a minute, whatever came earlier or comes later.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgpack
import numpy as np
import numpy.typing as npt
import zstandard

from profiler.core.counter_batch import CounterBatch
from profiler.core.counters import LEVEL_NAMES

SLOTS = 60
SECOND_NS = 1_000_000_000
# Steps, and how long blocks of them are kept: seconds.
KEPT_S = {1: 3600, 10: 86_400, 60: 30 * 86_400}
TIERS = tuple(KEPT_S)
ZSTD_LEVEL = 3

# Seven digits are more than a chart or a person has.
Values = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Block:
    """`values[c, slot]` from `begin_s` (Unix) on, in steps of `step_s`; NaN where nothing is known."""

    begin_s: int
    step_s: int
    names: tuple[str, ...]
    values: Values


def seconds(batches: Iterable[CounterBatch], begin_s: int, end_s: int) -> Block:
    """What came, second by second; what comes last of a second counts.

    A row stands for the seconds whose middle lies in its span: one that is late by a second and a half is the mean of
    two or three, and the next begins where it ended.
    """
    found: dict[str, Values] = {}
    for batch in batches:
        last = (batch.at_ns - SECOND_NS // 2) // SECOND_NS
        first = (batch.at_ns - batch.span_ns - SECOND_NS // 2) // SECOND_NS + 1
        per_s = batch.values * (SECOND_NS / batch.span_ns)
        for row, (start, end) in enumerate(zip(first.tolist(), (last + 1).tolist(), strict=True)):
            at = slice(max(start, begin_s) - begin_s, max(min(end, end_s) - begin_s, 0))
            if at.start < at.stop:
                _put(found, batch, row, at, per_s, end_s - begin_s)
    return _block(begin_s, 1, found, end_s - begin_s)


def _put(
    found: dict[str, Values], batch: CounterBatch, row: int, at: slice, per_s: npt.NDArray[np.float64], length: int
) -> None:
    for counter, name in enumerate(batch.names):
        if name not in found:
            found[name] = np.full(length, np.nan, np.float32)
        is_level = name.partition(":")[0] in LEVEL_NAMES
        found[name][at] = (batch.values if is_level else per_s)[counter, row]


def _block(begin_s: int, step_s: int, found: dict[str, Values], slots: int) -> Block:
    names = tuple(sorted(name for name, known in found.items() if not np.isnan(known).all()))
    values = np.array([found[name] for name in names], np.float32).reshape(len(names), slots)
    return Block(begin_s, step_s, names, values)


def merged(blocks: Iterable[Block], begin_s: int, end_s: int, step_s: int) -> Block:
    """Of blocks of that step, all within the range together; where two know something the later one counts."""
    found: dict[str, Values] = {}
    slots = (end_s - begin_s) // step_s
    for block in blocks:
        offset = (block.begin_s - begin_s) // step_s
        here = slice(max(offset, 0), max(min(offset + block.values.shape[1], slots), 0))
        there = slice(here.start - offset, here.stop - offset)
        if here.start >= here.stop:
            continue
        for name, values in zip(block.names, block.values[:, there], strict=True):
            own = found.setdefault(name, np.full(slots, np.nan, np.float32))
            own[here] = np.where(np.isnan(values), own[here], values)
    return _block(begin_s, step_s, found, slots)


def rolled(block: Block, step_s: int) -> Block:
    """Means over longer steps of what is known in each. `step_s` is whole steps of the block, whose slots fill them."""
    factor = step_s // block.step_s
    parts = block.values.reshape(len(block.names), block.values.shape[1] // factor, factor)
    known = ~np.isnan(parts)
    counts = known.sum(axis=2)
    sums = np.where(known, parts, 0).sum(axis=2, dtype=np.float64)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return Block(block.begin_s, step_s, block.names, means.astype(np.float32))


def encode(block: Block) -> bytes:
    """Names and values; whoever keeps it knows when it began."""
    packed = msgpack.packb({"names": block.names, "values": block.values.astype("<f4").tobytes()})
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(packed)


def decode(data: bytes, begin_s: int, step_s: int) -> Block:
    """Of what `encode` made: the server's own."""
    raw = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(data))
    values = np.frombuffer(raw["values"], "<f4").reshape(len(raw["names"]), -1)
    return Block(begin_s, step_s, tuple(raw["names"]), values)
