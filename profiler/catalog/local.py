"""This server's profile store."""

from functools import cache
from pathlib import Path

from django.conf import settings

from profiler.catalog.django import DjangoCatalog
from profiler.store.store import Store

DIRECTORY = "store"


@cache
def local_store() -> Store:
    """One per process, in the data directory."""
    return Store(DjangoCatalog(), Path(settings.DATA_DIR) / DIRECTORY)
