"""What a program has said so far, bounded: what agents send and the server keeps. `decode` is the trust boundary."""

from typing import Annotated, Any, Literal

import msgpack
import zstandard
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from profiler.core.bpftrace.output import MAX_BUCKETS, MAX_INT, MAX_TEXT
from profiler.core.bpftrace.problems import MAX_PROBLEMS, Problem
from profiler.core.channel import HostId, RunId, RunState
from profiler.core.errors import WebprofError

SCHEMA = 1
# bpftrace keeps 4,096 keys of a map by default. A program with more maps than this is no question any more.
MAX_ROWS = 4096
MAX_MAPS = 64
# Text of all maps; what is over it is counted. Compressed it is a fifth.
MAX_MAP_CHARACTERS = 4 * 2**20
# A feed is read while it runs; afterwards the last ones say what the program printed.
MAX_LINES = 5000
MAX_LINE_CHARACTERS = 1024
MAX_LINES_CHARACTERS = 2**20
# Twenty minutes of one a second.
MAX_POINTS = 1200
# A chart of more lines than this can't be read.
MAX_POINT_ROWS = 20
MAX_POINT_CELLS = 60_000
MAX_COMPRESSED_BYTES = 4 * 2**20
MAX_BYTES = 32 * 2**20
ZSTD_LEVEL = 3


class ResultsError(WebprofError):
    """What came is not what a program's results are, or over a bound, which is named."""


Count = Annotated[int, Field(ge=0, lt=MAX_INT)]
Whole = Annotated[int, Field(ge=-MAX_INT, lt=MAX_INT)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
LineText = Annotated[str, StringConstraints(max_length=MAX_LINE_CHARACTERS)]
# A histogram is a list of buckets [low, high, count], null where it is open; [count, average, total] of stats.
BucketRow = tuple[Whole | None, Whole | None, Count]
Buckets = Annotated[list[BucketRow], Field(max_length=MAX_BUCKETS)]
Cell = Annotated[int, Field(ge=-MAX_INT, lt=2 * MAX_INT)] | Text | tuple[Whole, Whole, Whole] | Buckets
Rows = Annotated[list[tuple[Text, Cell]], Field(max_length=MAX_ROWS)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Point(_Record):
    """A map as it was printed `at_ms` after the program began; its largest rows."""

    at_ms: Count
    rows: Annotated[list[tuple[Text, Cell]], Field(max_length=MAX_POINT_ROWS)]


class MapResult(_Record):
    """`rows` as last printed, largest first, with `left_out` more that were not kept; `points`: each time it was."""

    name: Annotated[str, StringConstraints(max_length=256)]
    shows: Literal["number", "text", "histogram", "stats", "stacks"]
    keyed: bool
    rows: Rows
    left_out: Count = 0
    points: Annotated[list[Point], Field(max_length=MAX_POINTS)] = []
    points_left_out: Count = 0


class Printed(_Record):
    """The last lines of the feed. `seen` are all that came; those that are not here were over the rate, or scrolled
    away; `lost` never left the kernel, as bpftrace counted them.
    """

    at_ms: Annotated[list[Count], Field(max_length=MAX_LINES)] = []
    text: Annotated[list[LineText], Field(max_length=MAX_LINES)] = []
    seen: Count = 0
    over_rate: Count = 0
    scrolled: Count = 0
    lost: Count = 0
    unreadable: Count = 0
    too_long: Count = 0


class Results(_Record):
    maps: Annotated[list[MapResult], Field(max_length=MAX_MAPS)] = []
    maps_left_out: Count = 0
    printed: Printed = Printed()
    problems: Annotated[list[Problem], Field(max_length=MAX_PROBLEMS)] = []
    probes: Count = 0


class ProgramReport(_Record):
    """What an agent says of a program on its host: again and again while it runs, and at its end."""

    run: RunId
    host: HostId
    state: RunState
    at_ns: Count
    elapsed_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    message: Annotated[str, StringConstraints(max_length=2000)] = ""
    results: Results = Results()


def encode(report: ProgramReport) -> bytes:
    packed = msgpack.packb({"schema": SCHEMA, "report": report.model_dump(mode="json")}, unicode_errors="replace")
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(packed)


def decode(data: bytes) -> ProgramReport:
    """Raises ResultsError."""
    if len(data) > MAX_COMPRESSED_BYTES:
        raise ResultsError(f"bpftrace: {len(data)} bytes are more than MAX_COMPRESSED_BYTES ({MAX_COMPRESSED_BYTES})")
    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= MAX_BYTES:
            raise ResultsError(f"bpftrace: {size} bytes unpacked are more than MAX_BYTES ({MAX_BYTES}), or not told")
        raw: Any = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BYTES))
        if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
            raise ResultsError(f"bpftrace: results of another schema than {SCHEMA}")
        report = ProgramReport.model_validate(raw.get("report"))
    except (zstandard.ZstdError, msgpack.UnpackException, ValueError) as error:
        text = _first(error) if isinstance(error, ValidationError) else str(error)
        raise ResultsError(f"bpftrace: {text[:500]}") from error
    if len(report.results.printed.at_ms) != len(report.results.printed.text):
        raise ResultsError("bpftrace: as many times as lines are needed")
    return report


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
