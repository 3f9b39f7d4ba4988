"""Reading segments that may be damaged: what is readable answers, what is not is named."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from profiler.store.catalog import Segment
from profiler.store.engine import Columns, Engine

log = logging.getLogger(__name__)
FILES = "$FILES"
# What says nothing about a file. Damage has no class of its own: it shows as whatever its bytes happen to mean.
OURS = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.PermissionException,
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
)


@dataclass
class Missing:
    """What an answer lacks: segments, by their paths, and precision: steps that the range was widened to (0: none).

    `tiers` are the kinds of segments that it was put together from.
    """

    paths: set[str] = field(default_factory=set)
    rounded_ms: int = 0
    tiers: set[str] = field(default_factory=set)


class Files:
    """The directory of the segments, and questions to lists of them."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.root, self.engine = root, engine

    def ask(
        self, segments: Iterable[Segment], sql: str, parameters: Sequence[Any], missing: Missing, **tables: pa.Table
    ) -> Columns | None:
        """The answer's columns; None when there is no readable segment.

        `sql` reads from `read_parquet($FILES)`. An answer of damaged files is put together from the others' answers one
        below the other: sums by group then come in parts, which callers add up anyway.
        """
        present = []
        for segment in segments:
            if (self.root / segment.path).exists():
                present.append(segment)
            else:
                self._miss(segment, "it is not there", missing)
        return self._halves(present, sql, parameters, missing, tables)

    def _halves(
        self, segments: Sequence[Segment], sql: str, parameters: Sequence[Any], missing: Missing, tables: dict[str, Any]
    ) -> Columns | None:
        if not segments:
            return None
        paths = [str(self.root / segment.path) for segment in segments]
        text = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        try:
            return self.engine.query(sql.replace(FILES, f"[{text}]"), parameters, **tables)
        except OURS:
            raise
        except duckdb.Error as error:
            if len(segments) == 1:
                self._miss(segments[0], str(error).splitlines()[0], missing)
                return None
        middle = len(segments) // 2
        halves = [
            self._halves(part, sql, parameters, missing, tables) for part in (segments[:middle], segments[middle:])
        ]
        found = [half for half in halves if half is not None]
        return {name: np.concatenate([half[name] for half in found]) for name in found[0]} if found else None

    @staticmethod
    def _miss(segment: Segment, why: str, missing: Missing) -> None:
        log.error("segment %s can't be read (%s): run `manage.py store check`", segment.path, why)
        missing.paths.add(segment.path)
