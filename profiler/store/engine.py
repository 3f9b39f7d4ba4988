"""DuckDB, in memory, one per process: it reads Parquet files that it is given, and nothing else."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Columns = dict[str, npt.NDArray[Any]]
# Questions of several people run beside each other; two threads for each take 20 MB more and a third more CPU time.
DEFAULT_THREADS = 1
BATCH_ROWS = 500_000
DEFAULT_MEMORY = "96MB"


class Engine:
    """Opened at the first question of each process: one made before a fork waits for threads that are not there."""

    def __init__(self, root: Path, threads: int = DEFAULT_THREADS, memory: str = DEFAULT_MEMORY) -> None:
        self._root, self._threads, self._memory = root, threads, memory
        # By process id. What a parent made is kept, untouched: closing it here would hang as well.
        self._connections: dict[int, duckdb.DuckDBPyConnection] = {}
        self._lock = Lock()

    def query(self, sql: str, parameters: Sequence[Any] = (), **tables: pa.Table) -> Columns:
        """Columns of the answer. `tables` can be named in the SQL. Raises duckdb.Error."""
        with self._cursor(tables) as cursor:
            found: Columns = cursor.execute(sql, parameters).fetchnumpy()
        return {name: np.asarray(column) for name, column in found.items()}

    def table(self, sql: str, parameters: Sequence[Any] = (), **tables: pa.Table) -> pa.Table:
        """The same as an Arrow table."""
        with self._cursor(tables) as cursor:
            found: pa.Table = cursor.sql(sql, params=parameters).to_arrow_table()
        return found

    def batches(self, sql: str, parameters: Sequence[Any] = (), **tables: pa.Table) -> Iterator[pa.Table]:
        """The same as tables of BATCH_ROWS rows, one at a time."""
        with self._cursor(tables) as cursor:
            for batch in cursor.sql(sql, params=parameters).to_arrow_reader(BATCH_ROWS):
                yield pa.Table.from_batches([batch])

    def like(self, pattern: str, values: list[str]) -> set[str]:
        """Values that a regular expression fits as a whole, in linear time (RE2). Raises ValueError."""
        sql = "SELECT v FROM (SELECT unnest(?::VARCHAR[]) AS v) WHERE regexp_full_match(v, ?)"
        try:
            return set(self.query(sql, [values, pattern])["v"].tolist())
        except duckdb.Error as error:
            raise ValueError(str(error).splitlines()[0]) from None

    def _cursor(self, tables: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
        cursor = self._connection().cursor()
        for name, table in tables.items():
            cursor.register(name, table)
        return cursor

    def _connection(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            pid = os.getpid()
            if pid not in self._connections:
                self._connections[pid] = self._open()
            return self._connections[pid]

    def _open(self) -> duckdb.DuckDBPyConnection:
        self._root.mkdir(parents=True, exist_ok=True)
        spill = self._root / "spill"
        connection = duckdb.connect(
            config={"threads": self._threads, "memory_limit": self._memory, "temp_directory": str(spill)}
        )
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET allowed_directories = [?]", [str(self._root)])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection
