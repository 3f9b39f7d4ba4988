"""The backends that the conformance suite asks, each made anew and empty."""

import atexit
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from profiler.catalog.django import DjangoCatalog
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.objects.address import ObjectAddress
from profiler.store.objects.objects import Objects
from profiler.store.protocol import ProfileStore
from profiler.store.store import Store
from tests.store.fleet import make_store


def started(module: str, *arguments: str) -> int:
    """The port of a server that ends with this process."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def stop() -> None:
        process.kill()
        process.wait()

    atexit.register(stop)
    assert process.stdout is not None
    return int(process.stdout.readline())


@cache
def clickhouse_port() -> int:
    """One engine for all tests of this process: it takes half a second and 300 MB."""
    directory = tempfile.TemporaryDirectory()
    atexit.register(directory.cleanup)
    return started("tests.store.clickhouse_front", directory.name)


@cache
def s3_endpoint() -> str:
    """One server for all tests of this process, with an empty bucket named `profiles`."""
    endpoint = f"http://127.0.0.1:{started('tests.store.s3_server')}"
    ObjectAddress("s3://profiles", s3_options(endpoint)).open().mkdir("profiles")
    return endpoint


def s3_options(endpoint: str) -> dict[str, str]:
    return {"endpoint_url": endpoint, "key": "a-key-for-tests", "secret": "a-secret-for-tests"}


def make_clickhouse(root: Path) -> ClickHouseStore:
    return ClickHouseStore(DjangoCatalog(), root, Address.parse(clickhouse_url()))


def clickhouse_url() -> str:
    """Of a database that nobody has used."""
    return f"clickhouse://127.0.0.1:{clickhouse_port()}/test_{uuid4().hex}"


def s3_address() -> ObjectAddress:
    """A new place in the bucket."""
    return ObjectAddress(f"s3://profiles/{uuid4().hex}", s3_options(s3_endpoint()))


def make_object_store(root: Path, address: ObjectAddress | None = None, cache_bytes: int = 2**30) -> Store:
    """By default on the S3 server, in a place of its own."""
    return Store(DjangoCatalog(), root, objects=Objects(address or s3_address(), root, cache_bytes))


def make_memory_store(root: Path) -> Store:
    return make_object_store(root, ObjectAddress(f"memory://{uuid4().hex}"))


def make_file_store(root: Path) -> Store:
    return make_object_store(root / "server", ObjectAddress(f"file://{root}/far"))


BACKENDS: Mapping[str, Callable[[Path], ProfileStore]] = {
    "embedded": make_store,
    "clickhouse": make_clickhouse,
    "s3": make_object_store,
}
# Segments are listed alike wherever they are, and so are a server's tables, of which test_clickhouse.py asks more: on
# the other kind of database one is enough.
EACH_BACKEND = [pytest.param(name, marks=() if name == "embedded" else pytest.mark.any_database) for name in BACKENDS]
# Those differ from one another in few ways: `objects/test_objects.py` asks each for what has to do with them.
OBJECT_STORES: Mapping[str, Callable[[Path], Store]] = {
    "file": make_file_store,
    "memory": make_memory_store,
    "s3": make_object_store,
}
