"""`manage.py store check | compact | status`: the profile store's files."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Sum

from profiler.catalog.local import local_store, segment_store
from profiler.models import StoreHot, StoreSegment
from profiler.store.check import Checked, check, repair
from profiler.store.errors import StoreError


class Command(BaseCommand):
    help = "Check, repair and compact the profile store."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        checking = what.add_parser("check", help="read every file; the exit code is 1 when something is wrong")
        checking.add_argument("--repair", action="store_true", help="make rollups again, unlist what is lost")
        what.add_parser("compact", help="move all that waits into segments, now")
        what.add_parser("status", help="segments, rows and bytes by kind")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except StoreError as error:
            raise CommandError(str(error)) from error

    def _check(self, options: dict[str, Any]) -> None:
        store = segment_store()
        found: Checked = (repair if options["repair"] else check)(store.catalog, store.files)
        for finding in found.findings:
            self.stdout.write(str(finding))
        for path in found.orphans:
            self.stdout.write(f"{path}: belongs to no segment; the next clean-up deletes it")
        bad = len(found.findings)
        self.stdout.write(f"{found.segments} segments, {bad} damaged, {len(found.orphans)} files that belong to none")
        if bad and not options["repair"]:
            raise CommandError("run it with --repair")

    def _compact(self, options: dict[str, Any]) -> None:
        store, count = local_store(), 0
        while moved := store.compact():
            count += moved
        self.stdout.write(f"{count} profiles compacted")

    def _status(self, options: dict[str, Any]) -> None:
        listed = StoreSegment.objects.filter(unlisted_at=None)
        for row in listed.values("kind").annotate(n=Count("id"), rows=Sum("rows"), size=Sum("bytes")).order_by("kind"):
            self.stdout.write(f"{row['kind']:8} {row['n']:6} segments {row['rows']:14,} rows {row['size']:14,} bytes")
        self.stdout.write(f"{StoreHot.objects.count()} profiles wait to be compacted")
