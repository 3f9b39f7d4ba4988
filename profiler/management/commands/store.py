"""`manage.py store check | compact | move | status`: the profile store, on this disk or elsewhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from profiler.catalog.checking import checked
from profiler.catalog.local import local_store, segment_store
from profiler.models import Upkeep
from profiler.query.store_state import ObjectPlace, store_state
from profiler.store.clickhouse.state import ServerState
from profiler.store.errors import StoreError
from profiler.store.objects.moving import move

GIB = 2**30


class Command(BaseCommand):
    help = "Check, repair and compact the profile store."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        checking = what.add_parser("check", help="read every file, or compare a server's sums; exit code 1: damage")
        checking.add_argument("--repair", action="store_true", help="make rollups again, unlist what is lost")
        what.add_parser("compact", help="move all that waits into segments, now")
        moving = what.add_parser("move", help="segments of this disk into WEBPROF_STORE's object store, or back")
        moving.add_argument("where", choices=("objects", "local"))
        what.add_parser("status", help="rows and bytes by kind, what waits, the last batch and error")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except StoreError as error:
            raise CommandError(str(error)) from error

    def _check(self, options: dict[str, Any]) -> None:
        report = checked(local_store(), mending=options["repair"])
        for line in (*report.findings, *report.notes):
            self.stdout.write(line)
        bad = len(report.findings)
        self.stdout.write(f"{report.looked_at}, {bad} damaged")
        if bad and not options["repair"]:
            raise CommandError("run it with --repair")

    def _compact(self, options: dict[str, Any]) -> None:
        store, count = local_store(), 0
        while moved := store.compact():
            count += moved
        self.stdout.write(f"{count} profiles compacted")

    def _move(self, options: dict[str, Any]) -> None:
        """It may be stopped and done again, while everything runs."""
        store, count = segment_store(), 0
        for moved in move(store.catalog, store.files, out=options["where"] == "objects"):
            count += moved.segments
            self.stdout.write(f"{moved.day}: {moved.segments} segments, {moved.bytes:,} bytes")
        self.stdout.write(f"{count} segments moved; where they were they are deleted after some minutes")

    def _status(self, options: dict[str, Any]) -> None:
        state = store_state()
        server = state.server
        if server:
            self.stdout.write(server.problem or f"{server.name}, version {server.version}: {_lags(server)}")
        if state.place:
            self.stdout.write(_where(state.place))
        pieces = "parts" if server else "segments"
        for held in state.kinds:
            self.stdout.write(f"{held.kind:8} {held.segments:6} {pieces} {held.rows:14,} rows {held.bytes:14,} bytes")
        since = f"; the oldest began {state.oldest:%Y-%m-%d %H:%M:%S} UTC" if state.oldest else ""
        self.stdout.write(
            f"{state.hot.rows} profiles wait to be compacted, {state.hot.sent} of them are on their way{since}"
        )
        if state.batch:
            self.stdout.write(_last(state.batch))
        if server and server.problem:
            raise CommandError("the server does not answer; profiles that arrive wait in the database, none is lost")


def _where(place: ObjectPlace) -> str:
    return (
        f"{place.far} segments in {place.name}, {place.local} on this disk only; copies take "
        f"{place.cache_bytes / GIB:,.1f} of {place.cache_limit / GIB:,.1f} GiB here"
    )


def _lags(server: ServerState) -> str:
    return (
        f"{server.free / GIB:,.1f} of {server.total / GIB:,.1f} GiB free, {server.mutations} deletions in work, "
        f"replicas {server.behind_s} s behind, {server.read_only} of them take no rows"
    )


def _last(batch: Upkeep) -> str:
    did = f"{batch.worked_at:%Y-%m-%d %H:%M:%S} UTC: {batch.worked}" if batch.worked_at else "none yet"
    failed = f"{batch.failed_at:%Y-%m-%d %H:%M:%S} UTC: {batch.failure}" if batch.failed_at else "none"
    return f"last batch {did}\nlast error {failed}"
