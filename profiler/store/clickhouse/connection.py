"""The official client, one per process: SQL with parameters in, columns out, tables of rows in."""

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from profiler.store.clickhouse.address import Address
from profiler.store.engine import Columns
from profiler.store.errors import StoreError, UnavailableError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

# A server that does not take the connection in this time is not there.
CONNECT_S = 10
# The longest question or insert: then the server is too slow to be of use, and the batch is sent again.
ANSWER_S = 120


class Connection:
    """Opened at the first use in each process: sockets are not for two processes."""

    def __init__(self, address: Address, patience_s: int = ANSWER_S) -> None:
        self.address = address
        self._patience_s = patience_s
        self._clients: dict[int, Client] = {}
        self._lock = Lock()

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Columns:
        """Columns of the answer; `{name:Type}` in the SQL stands for a parameter. Raises UnavailableError."""
        with self._errors():
            table = self._client().query_arrow(sql, parameters=dict(parameters or {}), use_strings=True)
        return {name: np.asarray(table[name]) for name in table.column_names}

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None, **settings: Any) -> None:
        with self._errors():
            self._client().command(sql, parameters=dict(parameters or {}), settings=settings)

    def insert(self, table: str, rows: pa.Table, token: str = "") -> None:
        """On disk when this returns. Rows of a token that the table has seen are left out, in what is derived too.

        As one block: a distributed table passes blocks on one by one, and the second with a token would be left out.
        """
        # A cluster's node passes rows on to the others while we wait, or we would not know whether they arrived.
        settings: dict[str, Any] = {"distributed_foreground_insert": 1} if self.address.cluster else {}
        if token:
            settings |= {
                "insert_deduplication_token": token,
                "deduplicate_blocks_in_dependent_materialized_views": 1,
            }
        with self._errors():
            self._client().insert_arrow(table, rows.combine_chunks(), database=self.address.database, settings=settings)

    def _client(self) -> "Client":
        with self._lock:
            pid = os.getpid()
            if pid not in self._clients:
                self._clients[pid] = self._open()
            return self._clients[pid]

    def _open(self) -> "Client":
        at = self.address
        client: Client = _package("clickhouse_connect").get_client(
            interface="https" if at.secure else "http",
            host=at.host,
            port=at.port,
            username=at.user,
            password=at.password,
            ca_cert=at.ca or None,
            connect_timeout=min(CONNECT_S, self._patience_s),
            send_receive_timeout=self._patience_s,
            # Sessions take one question at a time; lists of series are too long for an address.
            autogenerate_session_id=False,
            form_encode_query_params=True,
        )
        return client

    @contextmanager
    def _errors(self) -> Iterator[None]:
        its_error: type[Exception] = _package("clickhouse_connect.driver.exceptions").Error
        try:
            yield
        except its_error as error:
            raise UnavailableError(f"{self.address} {_said(error)}") from error


def _said(error: Exception) -> str:
    """What the server said, or that it said nothing: the client's own text is an address and a chain of wrappers."""
    cause = error.__cause__
    if isinstance(cause, _package("urllib3.exceptions").HTTPError):
        reason = str(getattr(cause, "reason", None) or cause)
        return f"does not answer: {reason.rpartition(': ')[2]}"
    return f"refused: {str(error).strip().splitlines()[0]}"


def _package(name: str) -> Any:
    """Imported when it is used: who keeps profiles on disk does not need it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise StoreError(
            "profiles are kept in ClickHouse: install the extra 'clickhouse' (clickhouse-connect)"
        ) from None
