"""What pages, sockets and API show of a run's results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from profiler import streams
from profiler.core import wire
from profiler.core.bpftrace.channel import live_results_key
from profiler.core.bpftrace.problems import Problem
from profiler.core.bpftrace.results import ProgramReport, ResultsError, decode
from profiler.core.bpftrace.stacks import kinds_of, profile_of
from profiler.core.profile import ProfileMeta
from profiler.core.prune import prune
from profiler.core.tree import build_tree
from profiler.errors import NotFoundError
from profiler.models import BpftraceResults, BpftraceRun

# A table of more rows is not read; the API has all of them.
MAX_SHOWN_ROWS = 200
MAX_TREE_NODES = 200_000


def results_of(run: BpftraceRun) -> ProgramReport | None:
    """As stored, or while it runs as last shown; None when there is nothing, or no more. Raises RedisError."""
    stored = BpftraceResults.objects.filter(run=run).first()
    if stored is not None:
        return decode(bytes(stored.data))
    return None if run.is_final else live_results(run)


def live_results(run: BpftraceRun) -> ProgramReport | None:
    entries = cast("list[Any]", streams.client().xrevrange(live_results_key(str(run.pk)), count=1))
    return read_live(run, entries[0][1]) if entries else None


def read_live(run: BpftraceRun, fields: dict[bytes, bytes]) -> ProgramReport | None:
    """An entry of the live stream; None when it is none of this run's."""
    try:
        report = decode(fields.get(b"data", b""))
    except ResultsError:
        return None
    return report if (report.run, report.host) == (str(run.pk), run.host) else None


@dataclass(frozen=True)
class Line:
    """A line of a program, split where a mistake is; `says` of each mistake in it."""

    number: int
    before: str
    marked: str
    after: str
    says: tuple[str, ...]


def marked_lines(text: str, problems: Sequence[Problem]) -> list[Line]:
    return [_marked(number, line, problems) for number, line in enumerate(text.split("\n"), 1)]


def _marked(number: int, line: str, problems: Sequence[Problem]) -> Line:
    here = [each for each in problems if each.line == number]
    start = max(0, here[0].column - 1) if here else len(line)
    end = max(start + 1, here[0].end - 1) if here else len(line)
    says = tuple(f"column {each.column}: {each.text}" if each.column else each.text for each in here)
    return Line(number, line[:start], line[start:end], line[end:], says)


def shown(run: BpftraceRun, report: ProgramReport | None) -> dict[str, Any]:
    """For a page: the run's state, and results with as many rows as can be read."""
    live = report is not None and not run.is_final
    told = report.model_dump(mode="json")["results"] if report else None
    for each in told["maps"] if told else ():
        kept = 0 if each["shows"] == "stacks" else MAX_SHOWN_ROWS
        each["stacks"] = len(each["rows"]) if each["shows"] == "stacks" else 0
        # What a program deletes from is where it remembers when something began.
        each["helper"] = re.search(rf"delete\(\s*{re.escape(each['name'])}\b", run.program.text) is not None
        each["left_out"] += max(0, len(each["rows"]) - kept)
        del each["rows"][kept:]
    return {
        "type": "bpftrace.report",
        "run": str(run.pk),
        "host": run.host,
        "state": report.state.value if live and report and not report.state.final else run.state,
        "final": run.is_final,
        "message": run.message,
        "elapsed_s": report.elapsed_s if report else run.elapsed_s,
        "duration_s": run.program.duration_s,
        "results": told,
    }


def stack_tree(run: BpftraceRun, name: str) -> bytes:
    """The wire message of a map with stacks. Raises NotFoundError."""
    report = results_of(run)
    found = next((each for each in report.results.maps if each.name == name), None) if report else None
    if report is None or found is None or found.shows != "stacks":
        raise NotFoundError(f"bpftrace run {run.pk} has no stacks in map {name[:64]!r}")
    meta = ProfileMeta(
        kind="bpftrace",
        unit="count",
        id=str(run.pk),
        host=run.host,
        probe=name,
        duration_ns=int(report.elapsed_s * 1e9),
    )
    profile = profile_of(found.rows, meta, kinds_of(run.program.text, name))
    return wire.encode(prune(build_tree(profile, ("comm",)), MAX_TREE_NODES))
