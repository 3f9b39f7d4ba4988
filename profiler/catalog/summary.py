"""How much the profile store holds, as its catalog tells; with a server, the catalog knows days and hot rows only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Length

from profiler.models import StoreHot, StoreSegment, StoreSeries, StoreSubject
from profiler.store.held import Held
from profiler.store.objects.objects import PREFIX

# Looking for a file takes microseconds on a disk; of a store with more, the newest are looked for.
MAX_LOOKED_FOR = 20_000
MAX_NAMED = 20


@dataclass(frozen=True)
class Hot:
    """Profiles that are in no segment yet, and on no server; `sent`: those on their way to one.

    `oldest_ms`, `newest_ms`: when the first and the latest of them began (Unix ms).
    """

    rows: int
    bytes: int
    sent: int
    oldest_ms: int | None
    newest_ms: int | None


def segments() -> list[Held]:
    """Largest first."""
    listed = StoreSegment.objects.filter(unlisted_at__isnull=True)
    found = (
        listed.values("kind")
        .annotate(segments=Count("id"), all_rows=Sum("rows"), all_bytes=Sum("bytes"), first=Min("day"), last=Max("day"))
        .order_by("-all_bytes")
    )
    return [
        Held(one["kind"], one["segments"], one["all_rows"], one["all_bytes"], one["first"], one["last"])
        for one in found
    ]


def unlisted() -> int:
    """Segments that were replaced, and wait for questions that still read them."""
    return StoreSegment.objects.filter(unlisted_at__isnull=False).count()


def hot() -> Hot:
    found = StoreHot.objects.aggregate(
        rows=Count("id"), bytes=Sum(Length("data")), oldest=Min("ts_ms"), newest=Max("ts_ms")
    )
    sent = StoreHot.objects.exclude(batch=0).count()
    return Hot(found["rows"], found["bytes"] or 0, sent, found["oldest"], found["newest"])


def services() -> int:
    return StoreSubject.objects.values("service").distinct().count()


def series() -> int:
    return StoreSeries.objects.count()


def missing(root: Path) -> tuple[int, Sequence[str]]:
    """Listed files that are not on the local disk: how many, and the first of them by name.

    Object stores are looked through by the worker, when it clears up (`store/objects/sweep.py`).
    """
    listed = StoreSegment.objects.filter(unlisted_at__isnull=True).exclude(path__startswith=PREFIX).order_by("-id")
    gone = sorted(path for path in listed.values_list("path", flat=True)[:MAX_LOOKED_FOR] if not (root / path).exists())
    return len(gone), gone[:MAX_NAMED]


def places() -> tuple[int, int]:
    """How many segments are in an object store, and how many on the local disk."""
    listed = StoreSegment.objects.filter(unlisted_at__isnull=True)
    far = listed.filter(path__startswith=PREFIX).count()
    return far, listed.count() - far


def newest_profile_ms() -> int | None:
    """When the latest compacted profile began."""
    raw = StoreSegment.objects.filter(unlisted_at__isnull=True, kind="raw")
    return raw.order_by("-t_max").values_list("t_max", flat=True).first()
