"""Which feeds run on this host: those that somebody asked for and still watches."""

import logging
import threading
import time
from typing import Any

import redis

from profiler.agent.checks.capabilities import recording_blocker
from profiler.agent.probes.counts import CountSource
from profiler.agent.probes.events import EventSource
from profiler.agent.probes.feed import Feed, Source
from profiler.agent.probes.histogram_source import HistogramSource
from profiler.agent.probes.outbox import Outbox
from profiler.agent.probes.program import ProbeProgramError
from profiler.agent.probes.room import MAX_FEEDS, RingRoom, WaitingRoom
from profiler.core.feed_channel import LEASE_TTL_S, LOOK_INTERVAL_S, WatchMessage, feed_id, feed_key, lease_key
from profiler.core.probe import Emits, Probe, ProbeError, Values
from profiler.probes.registry import probe_named

logger = logging.getLogger(__name__)

# Viewers ask again and again; what has failed is not tried, and told, each time.
FAILED_S = 10.0


class Watcher:
    """`watch` is called by the task, all else happens in threads. `hides_private` is this host's policy."""

    def __init__(self, host: str, client: redis.Redis, *, hides_private: bool = False) -> None:
        self._host = host
        self._client = client
        self._hides_private = hides_private
        self._feeds: dict[str, Feed[Any]] = {}
        self._seen: dict[str, float] = {}
        self._failed: dict[str, float] = {}
        self._rings, self._waiting = RingRoom(), WaitingRoom()
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def watch(self, message: WatchMessage) -> None:
        """Run this feed, unless it runs; what is refused is told in its stream."""
        try:
            probe = probe_named(message.probe)
            values = probe.values(message.values)
        except ProbeError as error:
            with self._changed:
                self._refuse(feed_id(message.probe, dict(message.values)), str(error))
            return
        name = feed_id(probe.name, values)
        with self._changed:
            feed = self._feeds.get(name)
            if (feed and (feed.running or feed.failed)) or time.monotonic() < self._failed.get(name, 0):
                return
            if feed is None and len(self._feeds) >= MAX_FEEDS:
                self._refuse(name, f"host {self._host} runs {MAX_FEEDS} feeds already: close one that you don't need")
                return
            self._begin(name, probe, values)

    def _begin(self, name: str, probe: Probe, values: Values) -> None:
        outbox = Outbox(self._client, feed_key(self._host, name), self._waiting)
        self._feeds[name] = Feed(name, lambda: self._open(probe, values), outbox)
        self._seen[name] = time.monotonic()
        self._feeds[name].start()
        self._changed.notify()

    def stop(self, timeout_s: float) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
            feeds = list(self._feeds.values())
        deadline = time.monotonic() + timeout_s
        for feed in feeds:
            feed.stop("the agent was stopped")
        for feed in feeds:
            feed.join(max(0.0, deadline - time.monotonic()))

    def _open(self, probe: Probe, values: Values) -> Source[Any]:
        if blocker := recording_blocker():
            raise ProbeProgramError(blocker)
        if probe.emits is Emits.EVENTS:
            return EventSource(self._host, probe, values, hides_private=self._hides_private, room=self._rings)
        if probe.emits is Emits.HISTOGRAM:
            return HistogramSource(self._host, probe, values)
        if probe.emits is Emits.COUNTERS:
            return CountSource(self._host, probe, values)
        raise ProbeProgramError(f"probe {probe.name} emits {probe.emits}: it is recorded, not watched")

    def _refuse(self, name: str, why: str) -> None:
        if time.monotonic() < self._failed.get(name, 0):
            return
        self._remember_failure(name)
        logger.warning("feed %s refused: %s", name, why)
        outbox = Outbox(self._client, feed_key(self._host, name))
        outbox.put({"error": why.encode()})
        outbox.end(0)

    def _run(self) -> None:
        while not self._ended:
            with self._changed:
                self._changed.wait_for(lambda: self._feeds or self._ended)
            self._look()
            time.sleep(LOOK_INTERVAL_S)

    def _look(self) -> None:
        """End feeds without a lease. While Redis says nothing the last answer holds for as long as a lease does."""
        with self._changed:
            feeds = dict(self._feeds)
        now = time.monotonic()
        leased = self._leased(list(feeds))
        with self._changed:
            for name, feed in feeds.items():
                if self._feeds.get(name) is not feed:
                    continue  # begun anew meanwhile
                if leased is not None and name in leased:
                    self._seen[name] = now
                elif leased is not None or now - self._seen[name] > LEASE_TTL_S:
                    feed.stop()
                if not feed.running:
                    self._forget(name)

    def _leased(self, names: list[str]) -> set[str] | None:
        """None: Redis does not say."""
        pipe = self._client.pipeline(transaction=False)
        for name in names:
            pipe.exists(lease_key(self._host, name))
        try:
            return {name for name, exists in zip(names, pipe.execute(), strict=True) if exists}
        except redis.RedisError:
            return None

    def _forget(self, name: str) -> None:
        if self._feeds.pop(name).failed:
            self._remember_failure(name)
        del self._seen[name]

    def _remember_failure(self, name: str) -> None:
        now = time.monotonic()
        self._failed = {other: until for other, until in self._failed.items() if until > now} | {name: now + FAILED_S}
