"""Where an object store is: an fsspec URL such as `s3://bucket/prefix`, and options that may hold secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from profiler.store.errors import StoreError

# What a question or a compaction can wait for; the clients' own defaults are minutes.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 10, "retries": {"max_attempts": 1}}},
    "file": {"auto_mkdir": True},
}
EXTRAS = {"s3": "webprof[s3]"}
# Shorter texts, such as a region, say nothing and stand in many words.
_SECRET_LENGTH = 6


@dataclass(frozen=True)
class ObjectAddress:
    """`url` can be shown to anybody, `options` to nobody."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, url: str, options: str = "") -> "ObjectAddress":
        """`options`: JSON, or a file with it, that the fsspec class is made with. Raises StoreError without secrets."""
        parts = urlsplit(url)
        shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        if parts.username or parts.password:
            raise StoreError(f"{shown!r}: secrets belong into WEBPROF_STORE_OPTIONS, not into the URL")
        if parts.query or parts.fragment or "::" in url or not (parts.netloc + parts.path).strip("/"):
            raise StoreError(f"{shown!r}: expected a place such as s3://bucket/prefix")
        _check_protocol(shown, parts.scheme)
        return cls(url.rstrip("/"), _parsed(options))

    @property
    def protocol(self) -> str:
        return self.url.partition("://")[0]

    def open(self) -> Any:
        """The store's file system: one per process, as none outlives a fork. Raises what the store raises."""
        from fsspec import filesystem  # noqa: PLC0415 only who keeps profiles there waits for it

        # Listings that are remembered would not show what another process has put there.
        settings: dict[str, Any] = {"use_listings_cache": False, **DEFAULTS.get(self.protocol, {}), **self.options}
        return filesystem(self.protocol, **settings)

    def without_secrets(self, error: BaseException) -> str:
        """What went wrong, in one line: messages of a client may repeat what it was given."""
        said = (str(error).splitlines() or [""])[0]
        for secret in _texts(self.options):
            said = said.replace(secret, "…")
        return f"{type(error).__name__}: {said}" if said else type(error).__name__

    def __str__(self) -> str:
        return self.url


def _check_protocol(shown: str, protocol: str) -> None:
    from fsspec.registry import known_implementations  # noqa: PLC0415

    known = known_implementations.get(protocol)
    if known is None and protocol != "memory":
        raise StoreError(f"{shown!r}: {protocol!r} is no kind of store that fsspec knows")
    package = (known or {"class": "fsspec"})["class"].partition(".")[0]
    if find_spec(package) is None:
        what = EXTRAS.get(protocol, package)
        raise StoreError(f"{shown!r}: {protocol}:// needs {package}: pip install '{what}'")


def _parsed(options: str) -> Mapping[str, Any]:
    """Of JSON or a file with it: environments are seen by more people than files."""
    if options and not options.lstrip().startswith("{"):
        try:
            options = Path(options).read_text()
        except (OSError, ValueError):
            raise StoreError("WEBPROF_STORE_OPTIONS: neither a JSON object nor a file that can be read") from None
    try:
        found = json.loads(options or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        # The text itself is never shown.
        raise StoreError('WEBPROF_STORE_OPTIONS: expected a JSON object such as {"endpoint_url": "https://…"}')
    return found


def _texts(options: Any) -> list[str]:
    """All texts of nested options that may be secrets, the longest first: one may be part of another."""
    if isinstance(options, Mapping):
        options = list(options.values())
    if isinstance(options, list):
        return sorted((text for one in options for text in _texts(one)), key=len, reverse=True)
    return [options] if isinstance(options, str) and len(options) >= _SECRET_LENGTH else []
