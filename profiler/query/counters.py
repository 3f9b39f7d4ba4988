"""Counters of a host over time: from blocks, and the last seconds from its stream."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from profiler import access, streams
from profiler.core.channel import counters_key
from profiler.core.counter_block import KEPT_S, SECOND_NS, SLOTS, TIERS, Block, decode, merged, rolled, seconds
from profiler.errors import InvalidError
from profiler.ingest.counters import batches, waiting
from profiler.models import CounterBlock

# Of a picture; each is a number of the database's longest steps or one that divides them.
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400)
MAX_SLOTS = 1500
MAX_RANGE_S = 31 * 86_400
# What a worker has not taken yet lies in these minutes, unless no worker came.
RECENT_S = 180


@dataclass(frozen=True)
class HostCounters:
    """`block` begins before `since` and ends after `until`, at whole steps. `lost_s`: what the agent could not keep."""

    block: Block
    lost_s: int


def host_counters(
    user: access.Visitor, host_id: str, since: datetime, until: datetime, slots: int, step_s: int | None = None
) -> HostCounters:
    """In steps of `step_s`, or the shortest that cut the range into at most `slots`. Raises InvalidError and
    NotFoundError; redis.RedisError.
    """
    host = access.host(user, host_id).pk
    begin, end = int(since.timestamp()), int(np.ceil(until.timestamp()))
    step = _step(begin, end, slots, step_s)
    begin, end = begin // step * step, -(-end // step) * step
    tier = max(tier for tier in TIERS if step % tier == 0)
    recent, lost_s = _recent(host)
    block = merged([_kept(host, tier, begin, end), rolled(recent, tier)], begin, end, tier)
    return HostCounters(rolled(block, step), lost_s)


def has_counters(host: str) -> bool:
    """Whether there is anything to show, at any time. Raises redis.RedisError."""
    return bool(streams.client().exists(counters_key(host))) or CounterBlock.objects.filter(host=host).exists()


def _step(begin_s: int, end_s: int, slots: int, asked_s: int | None) -> int:
    length = end_s - begin_s
    if not 0 < length <= MAX_RANGE_S:
        raise InvalidError(f"until: {length:,} s after since; it must be 1 to {MAX_RANGE_S:,} (MAX_RANGE_S)", "until")
    if asked_s is not None and asked_s not in STEPS_S:
        raise InvalidError(f"step_s: {asked_s} is none of {', '.join(map(str, STEPS_S))}", "step_s")
    age = int(time.time()) - begin_s
    # What is older than a tier is kept for, is there in longer steps.
    finest = next((tier for tier in TIERS if age <= KEPT_S[tier]), TIERS[-1])
    fitting = (one for one in STEPS_S if one >= finest and length <= one * slots)
    step = asked_s or next(fitting, STEPS_S[-1])
    if length > step * MAX_SLOTS:
        raise InvalidError(f"step_s: {length // step:,} steps of {step} s are over MAX_SLOTS ({MAX_SLOTS})", "step_s")
    return step


def _kept(host: str, tier: int, begin_s: int, end_s: int) -> Block:
    rows = CounterBlock.objects.filter(
        host=host, step_s=tier, begin_s__gt=begin_s - tier * SLOTS, begin_s__lt=end_s
    ).order_by("begin_s")
    blocks = (decode(bytes(row.data), row.begin_s, tier) for row in rows)
    return merged(blocks, begin_s, end_s, tier)


def _recent(host: str) -> tuple[Block, int]:
    """The last minutes second by second, as whole as they can be, and what the agent has lost so far."""
    now = int(time.time())
    came = list(batches(host, waiting(host), []))
    first = min((int(batch.at_ns.min()) // SECOND_NS - 1 for batch in came if len(batch.at_ns)), default=now)
    begin, end = min(now - RECENT_S, first) // 60 * 60, (now // 60 + 2) * 60
    kept = _kept(host, 1, begin, end)
    return merged([kept, seconds(came, begin, end)], begin, end, 1), came[-1].lost_s if came else 0


def as_json(found: HostCounters) -> dict[str, Any]:
    """Four digits, and null for what is not known: what a chart has room for."""
    block = found.block
    return {
        "begin_s": block.begin_s,
        "step_s": block.step_s,
        "names": list(block.names),
        "values": [[_digits(value) for value in row] for row in block.values.tolist()],
        "lost_s": found.lost_s,
    }


def _digits(value: float) -> float | int | None:
    if value != value:
        return None
    return round(value) if value >= 1000 else float(f"{value:.4g}")
