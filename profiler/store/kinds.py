"""What kinds of segments there are, their columns and their order. Adding a rollup is adding a line."""

from dataclasses import dataclass

import pyarrow as pa

from profiler.core.range_cover import DAY_MS, HOUR_MS, MINUTE_MS
from profiler.core.times import RESOLUTION_NS

HEADERS, LOSSES, TIMES = "hdr", "losses", "times"
TICKS_PER_MS = 1_000_000 // RESOLUTION_NS
NODES, STACKS, FRAMES = "nodes", "stacks", "frames"


@dataclass(frozen=True)
class Tier:
    """Sums by stack in steps of `step_ms` (1: each profile of its own); `by_series` or of all series together."""

    kind: str
    step_ms: int
    by_series: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return ("subject", "ts", "series", "stack") if self.by_series else ("subject", "ts", "stack")


# From the finest to the coarsest: a range is covered with the coarsest that fits, its edges with finer ones.
RAW = Tier("raw", 1, by_series=True)
TEN_MINUTES = Tier("r10m", 10 * MINUTE_MS, by_series=False)
HOUR = Tier("r1h", HOUR_MS, by_series=True)
DAY = Tier("r1d", DAY_MS, by_series=True)
TIERS = (RAW, TEN_MINUTES, HOUR, DAY)
DICTIONARY = (NODES, STACKS, FRAMES)
# Rows that name their profile: by its subject, time and series.
OF_PROFILES = (RAW.kind, HEADERS, LOSSES, TIMES)

_INT, _LONG = pa.int32(), pa.int64()
_TIER_TYPES = {"subject": _INT, "ts": _LONG, "series": _INT, "stack": _INT, "value": _LONG}
SCHEMAS: dict[str, pa.Schema] = {
    **{tier.kind: pa.schema([(name, _TIER_TYPES[name]) for name in (*tier.columns, "value")]) for tier in TIERS},
    # One row per profile: every time series by label is read from these alone.
    HEADERS: pa.schema([
        ("subject", _INT), ("ts", _LONG), ("series", _INT), ("duration_ms", _LONG), ("total", _LONG),
        ("stacks", _INT), ("key", _LONG),
    ]),
    # What is known of each profile's losses (losses.py).
    LOSSES: pa.schema([
        ("subject", _INT), ("ts", _LONG), ("series", _INT), ("what", pa.string()), ("reason", pa.string()),
        ("amount", _LONG),
    ]),
    # One row per sample with a time: `tick` in steps of times.RESOLUTION_NS since 1970, `ts` its profile's.
    TIMES: pa.schema([("subject", _INT), ("ts", _LONG), ("series", _INT), ("tick", _LONG), ("stack", _INT)]),
    # The dictionary of a day: the trie of each subject, the node of each stack id, the frames of all.
    NODES: pa.schema([("subject", _INT), ("node", _INT), ("parent", _INT), ("frame", _INT)]),
    STACKS: pa.schema([("subject", _INT), ("stack", _INT), ("node", _INT)]),
    FRAMES: pa.schema([
        ("frame", _INT), ("hash", pa.uint64()), ("name", pa.string()), ("kind", pa.uint8()), ("module", pa.string()),
        ("build_id", pa.string()), ("offset", pa.uint64()), ("file", pa.string()), ("line", pa.uint32()),
    ]),
}  # fmt: skip
ORDER: dict[str, tuple[str, ...]] = {
    **{tier.kind: tier.columns for tier in TIERS},
    HEADERS: ("subject", "ts", "series"),
    LOSSES: ("subject", "ts", "series"),
    TIMES: ("subject", "ts", "series", "tick"),
    NODES: ("subject", "node"),
    STACKS: ("subject", "stack"),
    FRAMES: ("frame",),
}
