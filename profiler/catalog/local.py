"""This server's profile store: on its own disk, or where WEBPROF_STORE says."""

from functools import cache
from pathlib import Path

from django.conf import settings

from profiler.catalog.django import DjangoCatalog
from profiler.store.clickhouse.address import Address
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.errors import StoreError
from profiler.store.protocol import ProfileStore
from profiler.store.store import Store

DIRECTORY = "store"


@cache
def local_store() -> ProfileStore:
    """One per process."""
    root = Path(settings.DATA_DIR) / DIRECTORY
    address = server_address()
    return ClickHouseStore(DjangoCatalog(), root, address) if address else Store(DjangoCatalog(), root)


def server_address() -> Address | None:
    """Of the server that has the sums; None when they are on this disk. Raises StoreError."""
    return Address.parse(settings.STORE_URL) if settings.STORE_URL else None


def segment_store() -> Store:
    """The same where it has segments of its own. Raises StoreError where a server keeps them."""
    store = local_store()
    if not isinstance(store, Store):
        raise StoreError("profiles are kept in ClickHouse, which checks its own files: see CHECK TABLE there")
    return store
