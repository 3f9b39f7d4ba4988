"""Reading segments that may be damaged: what is readable answers, what is not is named."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from profiler.store.catalog import Segment
from profiler.store.engine import Columns, Engine
from profiler.store.errors import SumError
from profiler.store.objects.bucket import DamagedError
from profiler.store.objects.objects import Objects, Problem, is_object
from profiler.store.places import Missing, Places

__all__ = ["FILES", "Files", "Missing"]
FILES = "$FILES"
# A copy that another process evicts before it is opened is fetched anew, so often.
ATTEMPTS = 3
# DuckDB adds in 128 bits, and says so when the sum does not fit the 64 that we ask for.
WIDE_SUM = "Type INT128 with value"
# What says nothing about a file. Damage has no class of its own: it shows as whatever its bytes happen to mean.
OURS = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.PermissionException,
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
)


class Files(Places):
    """The segments, and questions to lists of them."""

    def __init__(self, root: Path, engine: Engine, objects: Objects | None = None) -> None:
        super().__init__(root, objects)
        self.engine = engine

    def ask(
        self, segments: Iterable[Segment], sql: str, parameters: Sequence[Any], missing: Missing, **tables: pa.Table
    ) -> Columns | None:
        """The answer's columns; None when there is no readable segment.

        `sql` reads from `read_parquet($FILES)`. An answer of damaged files is put together from the others' answers one
        below the other: sums by group then come in parts, which callers add up anyway.
        """
        with self.present(list(segments), missing) as present:
            return self._halves(present, sql, parameters, missing, tables)

    def _halves(
        self, segments: Sequence[Segment], sql: str, parameters: Sequence[Any], missing: Missing, tables: dict[str, Any]
    ) -> Columns | None:
        if not segments:
            return None
        try:
            return self._read(segments, sql, parameters, tables)
        except OURS:
            raise
        except duckdb.Error as error:
            if WIDE_SUM in str(error):
                raise SumError from None
            if len(segments) == 1:
                return self._alone(segments[0], error, sql, parameters, missing, tables)
        middle = len(segments) // 2
        halves = [
            self._halves(part, sql, parameters, missing, tables) for part in (segments[:middle], segments[middle:])
        ]
        found = [half for half in halves if half is not None]
        return {name: np.concatenate([half[name] for half in found]) for name in found[0]} if found else None

    def _read(
        self, segments: Sequence[Segment], sql: str, parameters: Sequence[Any], tables: dict[str, Any]
    ) -> Columns:
        text = ", ".join("'" + str(self.path(segment)).replace("'", "''") + "'" for segment in segments)
        return self.engine.query(sql.replace(FILES, f"[{text}]"), parameters, **tables)

    def _alone(
        self,
        segment: Segment,
        error: duckdb.Error,
        sql: str,
        parameters: Sequence[Any],
        missing: Missing,
        tables: dict[str, Any],
    ) -> Columns | None:
        """One that could not be read. A copy may have been evicted or damaged: then it is fetched anew."""
        problem = Problem(str(error).splitlines()[0])
        for _ in range(ATTEMPTS):
            if self.objects is None or not is_object(segment.path):
                break
            try:
                found = self.objects.again(segment)
                if found is None:
                    return self._read([segment], sql, parameters, tables)
                problem = found
            except (duckdb.Error, DamagedError) as again:
                problem = Problem(str(again).splitlines()[0])
        missing.add(segment, problem)
        return None
