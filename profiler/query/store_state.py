"""What the profile store holds and whether it keeps up, on this server's disk or on another server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from profiler.catalog import summary
from profiler.catalog.local import DIRECTORY, objects, server_address
from profiler.catalog.summary import Hot
from profiler.catalog.upkeep import COMPACTION
from profiler.models import Upkeep
from profiler.store.clickhouse.state import ServerState, server_state
from profiler.store.held import Held


@dataclass(frozen=True)
class ObjectPlace:
    """An object store that segments are kept in, or shall be; `name` is empty when they are, and none is set.

    `local`: segments that are on this server's disk only; `cache_bytes`: what copies take there.
    """

    name: str
    far: int
    local: int
    cache_bytes: int
    cache_limit: int

    @property
    def trouble(self) -> list[str]:
        if not self.name:
            return [f"{self.far} segments are in an object store, and WEBPROF_STORE does not say where"]
        if self.local:
            cure = f"`manage.py store move objects` puts them into {self.name}"
            return [f"{self.local} segments are on this server's disk only: {cure}"]
        return []


@dataclass(frozen=True)
class StoreState:
    """`server`: where the sums are when they are not on this disk; `kinds` are then what it holds.

    `batch`: what came of moving hot profiles on, again and again.
    """

    at: datetime
    kinds: Sequence[Held]
    hot: Hot
    unlisted: int
    services: int
    series: int
    newest: datetime | None
    missing: int
    missing_paths: Sequence[str]
    server: ServerState | None
    place: ObjectPlace | None
    batch: Upkeep | None

    @property
    def segments(self) -> int:
        return sum(kind.segments for kind in self.kinds)

    @property
    def bytes(self) -> int:
        return sum(kind.bytes for kind in self.kinds)

    @property
    def rows(self) -> int:
        return sum(kind.rows for kind in self.kinds)

    @property
    def oldest(self) -> datetime | None:
        """When the first profile that waits began: how far what waits goes back."""
        return moment(self.hot.oldest_ms or 0)

    @property
    def trouble(self) -> list[str]:
        """In words, what needs somebody."""
        found = []
        if self.missing:
            found.append(f"{self.missing} segments are not there: run `manage.py store check --repair`")
        if self.place:
            found += self.place.trouble
        if self.server and self.server.problem:
            waiting = f"{self.hot.rows} profiles wait in the database and nothing is lost"
            found.append(f"{self.server.problem}: {waiting}; what is there already can't be asked until it answers")
        if self.server and self.server.read_only:
            found.append(f"{self.server.read_only} replicas of {self.server.name} take no rows: look at their Keeper")
        return found


def store_state() -> StoreState:
    hot, address = summary.hot(), server_address()
    server = server_state(address) if address else None
    gone, paths = (0, ()) if server else summary.missing(Path(settings.DATA_DIR) / DIRECTORY)
    newest = server.newest_ms if server else summary.newest_profile_ms()
    return StoreState(
        at=datetime.now(UTC),
        kinds=server.tables if server else summary.segments(),
        hot=hot,
        unlisted=summary.unlisted(),
        services=summary.services(),
        series=summary.series(),
        newest=moment(max(filter(None, (hot.newest_ms, newest)), default=0)),
        missing=gone,
        missing_paths=paths,
        server=server,
        place=None if server else _place(),
        batch=Upkeep.objects.filter(work=COMPACTION).first(),
    )


def _place() -> ObjectPlace | None:
    found, (far, local) = objects(Path(settings.DATA_DIR) / DIRECTORY), summary.places()
    if found is None:
        return ObjectPlace("", far, local, 0, 0) if far else None
    return ObjectPlace(str(found), far, local, found.cache.bytes(), found.cache.limit)


def moment(unix_ms: int) -> datetime | None:
    return datetime.fromtimestamp(unix_ms / 1000, UTC) if unix_ms else None
