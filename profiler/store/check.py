"""Whether the files are what the catalog says, and making the best of it where they are not."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from profiler.store.catalog import Catalog, Segment, Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.files import checksum, write_segment
from profiler.store.filler import fill_holes
from profiler.store.kinds import DICTIONARY, RAW, TIERS, Tier
from profiler.store.reading import Files
from profiler.store.retention import ABANDONED_S, unknown_files

QUARANTINE = "damaged"


@dataclass(frozen=True)
class Finding:
    """One segment that is not as it should be, and what became of it. `lost`: its rows can't be had again."""

    segment: Segment
    problem: str
    repair: str = ""
    lost: bool = False

    def __str__(self) -> str:
        done = f"; {self.repair}" if self.repair else ""
        return f"{self.segment.path}: {self.problem} ({self.segment.rows} rows of {self.segment.kind}){done}"


@dataclass(frozen=True)
class Checked:
    segments: int
    findings: Sequence[Finding]
    orphans: Sequence[str]


def check(catalog: Catalog, files: Files) -> Checked:
    """Read every listed file whole. Changes nothing."""
    count, findings = 0, []
    for day in catalog.days():
        segments = catalog.snapshot(day, day, ()).segments
        count += len(segments)
        findings += [Finding(segment, problem) for segment in segments if (problem := _problem(files.root, segment))]
    return Checked(count, findings, unknown_files(catalog, files.root, time.time() - ABANDONED_S))


def repair(catalog: Catalog, files: Files) -> Checked:
    """Make rollups again from what they are of, unlist what is lost, and put damaged files aside.

    Raises OvertakenError when something was compacted meanwhile: then do it again.
    """
    found = check(catalog, files)
    done: list[Finding] = []
    for day in sorted({finding.segment.day for finding in found.findings}):
        snapshot = catalog.snapshot(day, day, ())
        done += _repair_day(catalog, files, snapshot, day, [f for f in found.findings if f.segment.day == day])
    return Checked(found.segments, done, found.orphans)


def _problem(root: Path, segment: Segment) -> str:
    path = root / segment.path
    if not path.exists():
        return "missing"
    if path.stat().st_size != segment.bytes:
        return f"has {path.stat().st_size} bytes instead of {segment.bytes}"
    return "" if checksum(path) == segment.crc32 else "damaged: its checksum is another"


def _repair_day(
    catalog: Catalog, files: Files, snapshot: Snapshot, day: int, findings: Sequence[Finding]
) -> list[Finding]:
    bad = {finding.segment.id for finding in findings}
    good = replace(snapshot, segments=[segment for segment in snapshot.segments if segment.id not in bad])
    kinds = {finding.segment.kind for finding in findings}
    added: list[Segment] = []
    removed = set(bad)
    again: set[str] = set()
    for tier in TIERS[1:]:
        if tier.kind in kinds and RAW.kind not in kinds and of_kind(good.segments, RAW.kind):
            added += _made_again(files, good, tier, day)
            removed |= {segment.id for segment in of_kind(good.segments, tier.kind)}
            again.add(tier.kind)
    if kinds & set(DICTIONARY):
        added += fill_holes(files, good, day)
    catalog.commit(snapshot.generation, add=added, remove=removed)
    _put_aside(files.root, (finding.segment for finding in findings))
    return [_told(finding, again) for finding in findings]


def _made_again(files: Files, snapshot: Snapshot, tier: Tier, day: int) -> list[Segment]:
    paths = [str(files.root / segment.path) for segment in of_kind(snapshot.segments, RAW.kind)]
    columns = ", ".join(f"ts - ts % {tier.step_ms} AS ts" if name == "ts" else name for name in tier.columns)
    sql = (
        f"SELECT {columns}, sum(value)::BIGINT AS value FROM read_parquet(?) "  # noqa: S608 our own names
        f"GROUP BY ALL ORDER BY {', '.join(tier.columns)}"
    )
    written = write_segment(files.root, tier.kind, day, 1, files.engine.batches(sql, [paths]))
    return [written] if written else []


def _put_aside(root: Path, segments: Iterable[Segment]) -> None:
    for segment in segments:
        path = root / segment.path
        if path.exists():
            aside = root / QUARANTINE / path.name
            aside.parent.mkdir(exist_ok=True)
            path.rename(aside)


def _told(finding: Finding, again: set[str]) -> Finding:
    if finding.segment.kind in again:
        return replace(finding, repair="made again from the raw segments")
    if finding.segment.kind in DICTIONARY:
        return replace(finding, repair="unlisted; its stacks are counted without names", lost=True)
    return replace(finding, repair=f"unlisted; the file, if there is one, is in {QUARANTINE}/", lost=True)
