"""What the profile store holds and whether it keeps up, on this server's disk or on another server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from profiler.catalog import summary
from profiler.catalog.local import DIRECTORY, server_address
from profiler.catalog.summary import Hot
from profiler.catalog.upkeep import COMPACTION
from profiler.models import Upkeep
from profiler.store.clickhouse.state import ServerState, server_state
from profiler.store.held import Held


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
        batch=Upkeep.objects.filter(work=COMPACTION).first(),
    )


def moment(unix_ms: int) -> datetime | None:
    return datetime.fromtimestamp(unix_ms / 1000, UTC) if unix_ms else None
