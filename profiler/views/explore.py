"""Many recordings as one: a selection, its totals over time, its flame graph."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from profiler.errors import InvalidError
from profiler.query.explore import Asked, fleet_series
from profiler.query.timeline import Timeline, timeline

RANGES = {1: "last hour", 6: "last 6 hours", 24: "last day", 168: "last 7 days", 720: "last 30 days"}
DEFAULT_HOURS = 24
DEFAULT_BY = "service"


@dataclass(frozen=True)
class Range:
    """`hours` back from now, or 0 for two moments that somebody chose."""

    since: datetime
    until: datetime
    hours: int


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    query = request.GET
    selector, by = query.get("selector", ""), query.get("by", DEFAULT_BY)
    error, picture, status = None, None, 200
    chosen = Range(timezone.now() - timedelta(hours=DEFAULT_HOURS), timezone.now(), DEFAULT_HOURS)
    try:
        chosen = _range(query)
        picture = timeline(fleet_series(request.user, Asked(selector, chosen.since, chosen.until, by=by)))
    except InvalidError as refused:
        error, status = refused.message, 422
    asked = {"selector": selector, "by": by, "since": chosen.since.isoformat(), "until": chosen.until.isoformat()}
    shown = {
        "selector": selector,
        "by": by,
        "range": asdict(chosen),
        "ranges": RANGES,
        "error": error,
        "timeline": picture,
        "links": _links(picture, selector, by),
        "tree_query": urlencode(asked),
    }
    return render(request, "explore.html", shown, status=status)


def _links(picture: Timeline | None, selector: str, by: str) -> list[tuple[object, str]]:
    """Each bar with the query that opens its part of the time."""
    if picture is None:
        return []
    same = {"selector": selector, "by": by}
    return [
        (bar, urlencode({**same, "since": bar.since.isoformat(), "until": bar.until.isoformat()}))
        for bar in picture.bars
    ]


def _range(query: QueryDict) -> Range:
    now = timezone.now()
    since, until = query.get("since"), query.get("until")
    hours = query.get("hours") or str(DEFAULT_HOURS)
    # A range that was chosen from the list replaces the part that was looked at.
    if since and until and not query.get("hours"):
        return Range(_moment(since, "since"), _moment(until, "until"), 0)
    if not hours.isdecimal() or int(hours) not in RANGES:
        raise InvalidError(f"hours: {hours[:16]!r} is none of {', '.join(map(str, RANGES))}", "hours")
    return Range(now - timedelta(hours=int(hours)), now, int(hours))


def _moment(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError(f"{field}: {text[:64]!r} is no time such as 2026-05-27T14:00:00+00:00", field) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
