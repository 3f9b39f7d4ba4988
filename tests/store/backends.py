"""The backends that the conformance suite asks, each made anew and empty."""

from collections.abc import Callable, Mapping
from pathlib import Path

from profiler.store.protocol import ProfileStore
from tests.store.fleet import make_store

BACKENDS: Mapping[str, Callable[[Path], ProfileStore]] = {"embedded": make_store}
