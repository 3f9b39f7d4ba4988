"""The profile so far, from the entries of a run's live stream."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from profiler.core import batch
from profiler.core.channel import EntryKind
from profiler.core.errors import BatchError
from profiler.core.merge import Merger
from profiler.core.profile import Profile, ProfileMeta

Entry = Mapping[bytes, bytes]


class LiveProfile:
    """Adds deltas up; a snapshot replaces all before it. Entries come in the order of the stream, from its start.

    shown: done to each part, for one who looks; who keeps the profile needs it as it was recorded.
    """

    def __init__(self, run: str, host: str, shown: Callable[[Profile], Profile] = lambda part: part) -> None:
        self._run, self._host, self._shown = run, host, shown
        self._merger: Merger | None = None
        self._meta = ProfileMeta()
        self._end_ns = 0

    def apply(self, entry: Entry) -> bool:
        """Take one entry in; True when the profile changed. Raises BatchError or ProfileError when it is damaged."""
        kind = entry.get(b"kind", b"").decode("ascii", "replace")
        if kind not in (EntryKind.DELTA, EntryKind.SNAPSHOT):
            return False
        part = batch.decode(entry.get(b"data", b""))
        if part.meta.host != self._host:
            raise BatchError(f"run {self._run} is of host {self._host}, not of {part.meta.host!r}")
        if self._merger is None or kind == EntryKind.SNAPSHOT:
            self._merger, self._meta = Merger(part.meta), part.meta
        self._merger.add(self._shown(part))
        self._end_ns = part.meta.start_ns + part.meta.duration_ns
        return True

    def profile(self) -> Profile | None:
        """What was recorded so far; None before the first part."""
        if self._merger is None:
            return None
        duration_ns = max(self._end_ns - self._meta.start_ns, 0)
        return self._merger.build(replace(self._meta, duration_ns=duration_ns))
