"""Where a viewer is in a feed, and what a slow one has to leave out: whole batches, counted."""

from profiler.consumers.watched_feed import Batch, WatchedFeed

# Two seconds and a half of four a second: who is further behind sees the newest instead of the old.
MAX_BEHIND = 10


class Place:
    """`number` of the batch that comes next. What was there when the viewer came is shown, however much that is."""

    def __init__(self, feed: WatchedFeed) -> None:
        self.number = feed.begin
        self.dropped_batches = 0
        self.dropped_events = 0
        self._joined = feed.end
        self._expected: int | None = None

    def next(self, feed: WatchedFeed) -> Batch | None:
        """The batch to send now; counts what is left out for it."""
        if self.number == feed.end:
            return None
        wanted = max(self.number, feed.begin)
        if wanted >= self._joined and feed.end - wanted > MAX_BEHIND:
            wanted = feed.end - 1
        batch = feed.recent[wanted - feed.begin]
        if self._expected is not None:
            self.dropped_batches += wanted - self.number
            self.dropped_events += batch.before - self._expected
        self.number, self._expected = wanted + 1, batch.before + batch.events
        return batch
