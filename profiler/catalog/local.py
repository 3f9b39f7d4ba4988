"""This server's profile store: on its own disk, or where WEBPROF_STORE says."""

from functools import cache
from pathlib import Path

from django.conf import settings

from profiler.catalog.django import DjangoCatalog
from profiler.store.clickhouse.address import PORTS, Address
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.errors import StoreError
from profiler.store.objects.address import ObjectAddress
from profiler.store.objects.objects import Objects
from profiler.store.protocol import ProfileStore
from profiler.store.store import Store

DIRECTORY = "store"


@cache
def local_store() -> ProfileStore:
    """One per process."""
    root = Path(settings.DATA_DIR) / DIRECTORY
    address = server_address()
    if address:
        return ClickHouseStore(DjangoCatalog(), root, address)
    return Store(DjangoCatalog(), root, objects=objects(root))


def server_address() -> Address | None:
    """Of the server that has the sums; None when they are in segments. Raises StoreError."""
    return Address.parse(settings.STORE_URL) if settings.STORE_URL.partition("://")[0] in PORTS else None


def objects(root: Path) -> Objects | None:
    """Where segments are kept instead of on the local disk, if anywhere."""
    if not settings.STORE_URL or server_address():
        return None
    address = ObjectAddress.parse(settings.STORE_URL, settings.STORE_OPTIONS_SECRET)
    return Objects(address, root, settings.STORE_CACHE_BYTES)


def segment_store() -> Store:
    """The same where it has segments of its own. Raises StoreError where a server keeps them."""
    store = local_store()
    if not isinstance(store, Store):
        raise StoreError("profiles are kept in ClickHouse, which checks its own files: see CHECK TABLE there")
    return store
