"""The backends that the conformance suite asks, each made anew and empty."""

import atexit
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from uuid import uuid4

from profiler.catalog.django import DjangoCatalog
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.protocol import ProfileStore
from tests.store.fleet import make_store


@cache
def clickhouse_port() -> int:
    """One engine for all tests of this process: it takes half a second and 300 MB."""
    directory = tempfile.TemporaryDirectory()
    command = [sys.executable, "-m", "tests.store.clickhouse_front", directory.name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def stop() -> None:
        process.kill()
        process.wait()
        directory.cleanup()

    atexit.register(stop)
    assert process.stdout is not None
    return int(process.stdout.readline())


def make_clickhouse(root: Path) -> ClickHouseStore:
    return ClickHouseStore(DjangoCatalog(), root, Address.parse(clickhouse_url()))


def clickhouse_url() -> str:
    """Of a database that nobody has used."""
    return f"clickhouse://127.0.0.1:{clickhouse_port()}/test_{uuid4().hex}"


BACKENDS: Mapping[str, Callable[[Path], ProfileStore]] = {"embedded": make_store, "clickhouse": make_clickhouse}
