"""Typed messages of the sockets, and the only `group_send`."""

import logging
from functools import partial
from typing import Literal, TypedDict

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from profiler.models import Run

log = logging.getLogger(__name__)


class RunChanged(TypedDict):
    """Sent to `run.<id>` after each commit that changed the run. `profile` (its id) and `url` once it is stored."""

    type: Literal["run.changed"]
    run: str
    host: str
    state: str
    final: bool
    message: str
    elapsed_s: float
    samples: int
    lost: int
    profile: str | None
    url: str | None
    partial: bool


class HostSummary(TypedDict):
    """`cpu_percent` of all CPUs together; None for a host that is not alive. `run`: what is active there."""

    id: str
    alive: bool
    run: str | None
    cpu_percent: float | None


class HostsChanged(TypedDict):
    """Sent by the hosts socket itself, when heartbeats came or stopped."""

    type: Literal["hosts.changed"]
    hosts: list[HostSummary]


class FeedOpened(TypedDict):
    """First on a feed's socket, and when the visitor's rights change: `may_start` keeps it running."""

    type: Literal["feed.opened"]
    feed: str
    may_start: bool


class FeedState(TypedDict):
    """`state`: starting, running, away (the host), idle (nobody who may start it watches) or failed; and why."""

    type: Literal["feed.state"]
    state: str
    message: str


class FeedDropped(TypedDict):
    """Sums since the socket was opened: what was left out for this browser, because it was slow."""

    type: Literal["feed.dropped"]
    batches: int
    events: int


class FeedRefused(TypedDict):
    """The socket's last message: what its address asks for can't be watched, and why."""

    type: Literal["feed.refused"]
    message: str


def run_group(run_id: str) -> str:
    return f"run.{run_id}"


def run_changed(run: Run) -> RunChanged:
    """The message about a run as it is now."""
    profile = getattr(run, "profile", None)
    return RunChanged(
        type="run.changed",
        run=str(run.pk),
        host=run.host_id,
        state=run.state,
        final=run.is_final,
        message=run.message,
        elapsed_s=run.elapsed_s,
        samples=run.samples,
        lost=run.lost,
        profile=str(profile.pk) if profile else None,
        url=f"/profiles/{profile.pk}/" if profile else None,
        partial=bool(profile and profile.partial),
    )


def announce(run: Run) -> None:
    """Tell the viewers of a run, once the running transaction is committed."""
    transaction.on_commit(partial(_send, str(run.pk)))


def _send(run_id: str) -> None:
    run = Run.objects.select_related("profile").filter(pk=run_id).first()
    layer = get_channel_layer()
    if run is None or layer is None:
        return
    try:
        async_to_sync(layer.group_send)(run_group(run_id), dict(run_changed(run)))
    except (RedisError, OSError) as error:
        # The state is committed; viewers fetch it when they reconnect.
        log.warning("run %s: its viewers were not told: %s", run_id, error)
