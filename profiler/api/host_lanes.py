"""What probes saw on a host in a part of the time: lanes of its page, and scripts, ask for it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from profiler.charts.histogram import PERCENTILES, Figure, bucket_texts, distribution
from profiler.core.feed_wire import in_one
from profiler.query.feed_history import feed_history
from profiler.query.histogram_steps import HistogramSteps, histogram_steps

router = Router(tags=["hosts"])
NS_OF_MS = 10**6
EVENTS_TYPE = "application/vnd.webprof.events"


class RangeIn(Schema):
    since: datetime
    until: datetime


class StepsIn(RangeIn):
    step_s: int


def _parameters(request: HttpRequest, own: type[Schema]) -> dict[str, str]:
    """Of the probe: whatever else the address has."""
    return {name: str(request.GET[name]) for name in request.GET if name not in own.model_fields}


@router.get("/{host_id}/events/{probe}", summary="Events of a feed that are still held (binary)")
def events(request: HttpRequest, host_id: str, probe: str, wanted: Query[RangeIn]) -> HttpResponse:
    """Other parameters are the probe's. Ten minutes are held of what somebody watched. Messages as the feed's socket
    sends them (docs/architecture.md), each behind its length (u64), the oldest first. `X-Held-From-Ms`: when the oldest
    one began, empty without any; `X-Cut` is `true` when older ones were left out of an answer that is long enough.
    """
    given = _parameters(request, RangeIn)
    found = feed_history(request.user, host_id, probe, given, wanted.since, wanted.until)
    held = "" if found.held_from_ns is None else str(found.held_from_ns / NS_OF_MS)
    told = {"X-Held-From-Ms": held, "X-Cut": str(found.cut).lower(), "Cache-Control": "private, no-store"}
    return HttpResponse(in_one(found.messages), content_type=EVENTS_TYPE, headers=told)


class StepOut(Schema):
    """From `at_ms` (Unix) on; `counts` of the buckets from number `first` on, up to the last that is not empty."""

    at_ms: int
    first: int
    counts: list[int]


class HistogramOut(Schema):
    """`edges`: the least value of each bucket, `texts` the same in words, `shows` what values are (`duration` is ns).
    What is not in `steps` had no events, or nobody watched. Before `looked_from_ms` nothing was looked at: more was
    asked for than can be read at once. `lost`: events that are not counted, by cause. `figure` is for Plotly.
    """

    probe: str
    title: str
    shows: str
    edges: list[int]
    texts: list[str]
    linear: bool
    percentiles: list[tuple[str, float]]
    step_ms: int
    looked_from_ms: float
    known_until_ms: float
    steps: list[StepOut]
    lost: dict[str, int]
    figure: Figure

    @classmethod
    def of(cls, found: HistogramSteps) -> "HistogramOut":
        buckets, shows = found.histogram.buckets, found.histogram.shows
        return cls.model_construct(
            probe=found.probe.name,
            title=found.probe.title,
            shows=shows,
            edges=buckets.edges,
            texts=bucket_texts(buckets, shows),
            linear=buckets.step is not None,
            percentiles=[(name, share) for name, share, _ in PERCENTILES],
            step_ms=found.step_s * 1000,
            looked_from_ms=found.looked_from_ns / NS_OF_MS,
            known_until_ms=found.known_until_ns / NS_OF_MS,
            steps=_steps(found),
            lost=found.lost,
            figure=distribution(buckets, shows),
        )


def _steps(found: HistogramSteps) -> list[StepOut]:
    return [
        StepOut.model_construct(
            at_ms=step * found.step_s * 1000, first=int(taken[0]), counts=counts[taken[0] : taken[-1] + 1].tolist()
        )
        for step, counts in sorted(found.counts.items())
        if len(taken := counts.nonzero()[0])
    ]


@router.get("/{host_id}/histograms/{histogram}", response=HistogramOut, summary="A histogram over time, in steps")
def histogram_over_time(request: HttpRequest, host_id: str, histogram: str, wanted: Query[StepsIn]) -> HistogramOut:
    """Other parameters are the probe's. What somebody watched is kept for a week; rows of all labels are added up."""
    given = _parameters(request, StepsIn)
    return HistogramOut.of(
        histogram_steps(request.user, host_id, histogram, given, wanted.since, wanted.until, wanted.step_s)
    )
