"""Fetching the debug files that profiles lack from debuginfod servers, the most wanted first. Off without servers.

What a server did not have, and what went wrong, is remembered as a refused DebugFile until it may be asked again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils import timezone

from profiler.core.errors import WebprofError
from profiler.debugfiles import debuginfod, storage
from profiler.debugfiles.alone import alone
from profiler.debugfiles.debuginfod import FetchError, NotThereError
from profiler.debugfiles.reading import accept, refuse
from profiler.debugfiles.wake import wake_fetching
from profiler.models import HIDDEN_SAMPLES, DebugFile, UnnamedModule
from profiler.received import write_down

# Packages get their debug files within hours of their release, or never.
ASK_AGAIN_WHEN_MISSING = timedelta(days=1)
ASK_AGAIN_AFTER_TROUBLE = timedelta(minutes=30)
# A worker that fetches stores no profiles meanwhile; there is another, and after this it asks again.
TURN_S = 60.0
# A turn whose last file is asked for at several slow servers; a lock of this age was left by a worker that is gone.
LONGEST_S = 3600


@dataclass(frozen=True)
class Wanted:
    build_id: str
    module: str


def fetch_debug_files() -> None:
    """Fetch for TURN_S, one file at a time; then leave the rest to another turn."""
    if not settings.DEBUGINFOD_URLS or not storage.room_left():
        return
    until = time.monotonic() + TURN_S
    with alone("fetching", LONGEST_S) as mine:
        if not mine:
            return
        while time.monotonic() < until and (wanted := _most_wanted()):
            fetch_one(wanted, settings.DEBUGINFOD_URLS)
    if _most_wanted():
        wake_fetching()


def fetch_one(wanted: Wanted, servers: Sequence[str]) -> None:
    """Ask the servers in their order until one has it; remember what they said."""
    file = _begin(wanted)
    if file is None:
        return
    said: list[str] = []
    missing_everywhere = True
    for server in servers:
        try:
            _receive(file, server)
        except (NotThereError, FetchError) as error:
            said.append(str(error))
            missing_everywhere &= isinstance(error, NotThereError)
        except WebprofError as error:  # too large, empty: it will be so tomorrow, too
            said.append(f"{debuginfod.server_name(server)}: {error}")
        else:
            accept(file, expected=wanted.build_id)
            return
    wait = ASK_AGAIN_WHEN_MISSING if missing_everywhere else ASK_AGAIN_AFTER_TROUBLE
    refuse(file, "; ".join(said), ask_again_at=timezone.now() + wait)


def _most_wanted() -> Wanted | None:
    """The build that hides most samples, of those that may be asked for now."""
    now = timezone.now()
    have = DebugFile.objects.exclude(state=DebugFile.State.REFUSED).exclude(build_id="")
    asked = DebugFile.objects.filter(origin=DebugFile.Origin.DEBUGINFOD, ask_again_at__gt=now)
    missing = UnnamedModule.objects.filter(left__gt=0, debug_file=None)
    missing = missing.exclude(build_id__in=have.values("build_id")).exclude(build_id__in=asked.values("build_id"))
    rows = missing.values("build_id").annotate(total=HIDDEN_SAMPLES, profiles=Count("profile"), name=Max("module"))
    row = rows.order_by("-total", "-profiles", "build_id").first()
    return Wanted(row["build_id"], row["name"]) if row else None


def _begin(wanted: Wanted) -> DebugFile | None:
    """The row that says it is being asked for; None when another worker was faster."""
    with transaction.atomic():
        DebugFile.objects.filter(
            origin=DebugFile.Origin.DEBUGINFOD, state=DebugFile.State.REFUSED, build_id=wanted.build_id
        ).delete()
    try:
        with transaction.atomic():
            return DebugFile.objects.create(
                build_id=wanted.build_id,
                name=wanted.module[:255],
                origin=DebugFile.Origin.DEBUGINFOD,
                state=DebugFile.State.READING,
            )
    except IntegrityError:
        return None


def _receive(file: DebugFile, server: str) -> None:
    limit = min(storage.MAX_DEBUG_FILE_BYTES, storage.room_left())
    pieces = debuginfod.fetch(server, file.build_id)
    file.size = write_down(storage.path_of(file), file.name, pieces, limit, "upload it, or make room")
    file.save(update_fields=["size"])
