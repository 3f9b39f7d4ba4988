"""WEBPROF_STORE: where profiles are kept, checked at the start."""

import os

from profiler.store.clickhouse.address import PORTS
from profiler.store.errors import StoreError
from profiler.store.objects.address import ObjectAddress
from webprof.env import SettingError


def store_url() -> str:
    """Its value; empty: the data directory. Raises SettingError, which shows no secret."""
    url, options = os.environ.get("WEBPROF_STORE", ""), os.environ.get("WEBPROF_STORE_OPTIONS", "")
    scheme, separator, _ = url.partition("://")
    if not url or scheme in PORTS:
        return url
    if not separator:
        raise SettingError(
            "WEBPROF_STORE: expected s3://bucket/prefix or another URL of an object store, or "
            "clickhouse://user:password@host/database (clickhouses: with TLS)"
        )
    if scheme == "memory":
        raise SettingError("WEBPROF_STORE: memory:// is of one process, and ends with it")
    try:
        ObjectAddress.parse(url, options)
    except StoreError as error:
        raise SettingError(f"WEBPROF_STORE: {error}") from None
    return url
