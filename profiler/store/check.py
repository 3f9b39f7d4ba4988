"""Whether the files are what the catalog says, and making the best of it where they are not."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from profiler.store.catalog import Catalog, Segment, Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.errors import UnavailableError
from profiler.store.files import checksum
from profiler.store.filler import fill_holes
from profiler.store.kinds import DICTIONARY, RAW, TIERS, Tier
from profiler.store.objects.objects import is_object
from profiler.store.objects.sweep import compare
from profiler.store.places import NOT_SET
from profiler.store.reading import Files
from profiler.store.retention import ABANDONED_S, unknown_files

QUARANTINE = "damaged"
RESTORED = "put there again, from the copy in the cache"


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
    """Read every listed file whole. Changes nothing.

    Raises UnavailableError, and StoreError when the object store is not the one that the catalog is of.
    """
    if files.objects is not None:
        files.objects.claim(catalog, again=True)
    count, findings = 0, []
    for day in catalog.days():
        segments = catalog.snapshot(day, day, ()).segments
        count += len(segments)
        findings += [Finding(segment, problem) for segment in segments if (problem := _problem(files, segment))]
    before_s = time.time() - ABANDONED_S
    orphans = unknown_files(catalog, files.root, before_s)
    if files.objects is not None:
        orphans += compare(catalog, files.objects, before_s)[0]
    return Checked(count, findings, orphans)


def repair(catalog: Catalog, files: Files) -> Checked:
    """Make rollups again from what they are of, unlist what is lost, and put damaged files aside.

    Raises OvertakenError when something was compacted meanwhile: then do it again.
    """
    found = check(catalog, files)
    done = [replace(one, repair=RESTORED) for one in found.findings if _restored(files, one.segment)]
    restored = {finding.segment.id for finding in done}
    rest = [finding for finding in found.findings if finding.segment.id not in restored]
    for day in sorted({finding.segment.day for finding in rest}):
        snapshot = catalog.snapshot(day, day, ())
        done += _repair_day(catalog, files, snapshot, day, [f for f in rest if f.segment.day == day])
    return Checked(found.segments, done, found.orphans)


def _restored(files: Files, segment: Segment) -> bool:
    return files.objects is not None and is_object(segment.path) and files.objects.restore(segment)


def _problem(files: Files, segment: Segment) -> str:
    if is_object(segment.path):
        if files.objects is None:
            raise UnavailableError(f"segment {segment.path}: {NOT_SET.why}")
        return files.objects.problem(segment)
    path = files.root / segment.path
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
    files.commit(catalog, snapshot.generation, add=added, remove=removed)
    _put_aside(files, (finding.segment for finding in findings))
    return [_told(finding, again) for finding in findings]


def _made_again(files: Files, snapshot: Snapshot, tier: Tier, day: int) -> list[Segment]:
    columns = ", ".join(f"ts - ts % {tier.step_ms} AS ts" if name == "ts" else name for name in tier.columns)
    sql = (
        f"SELECT {columns}, sum(value)::BIGINT AS value FROM read_parquet(?) "  # noqa: S608 our own names
        f"GROUP BY ALL ORDER BY {', '.join(tier.columns)}"
    )
    with files.using(of_kind(snapshot.segments, RAW.kind)) as paths:
        written = files.write(tier.kind, day, 1, files.engine.batches(sql, [paths]))
    return [written] if written else []


def _put_aside(files: Files, segments: Iterable[Segment]) -> None:
    for segment in segments:
        path = files.root / segment.path
        if files.objects is not None and is_object(segment.path):
            files.objects.put_aside(segment.path)
        elif path.exists():
            aside = files.root / QUARANTINE / path.name
            aside.parent.mkdir(exist_ok=True)
            path.rename(aside)


def _told(finding: Finding, again: set[str]) -> Finding:
    if finding.segment.kind in again:
        return replace(finding, repair="made again from the raw segments")
    if finding.segment.kind in DICTIONARY:
        return replace(finding, repair="unlisted; its stacks are counted without names", lost=True)
    return replace(finding, repair=f"unlisted; the file, if there is one, is in {QUARANTINE}/", lost=True)
