"""What tests of object stores look at."""

from pathlib import Path
from typing import Any

from profiler.models import StoreSegment
from profiler.store.objects.objects import PREFIX, Objects, name_of
from profiler.store.store import Store
from tests.store.backends import make_object_store


def far(store: Store) -> Objects:
    assert store.files.objects is not None
    return store.files.objects


def elsewhere(store: Store, root: Path, cache_bytes: int = 2**30) -> Store:
    """The same store as another machine sees it, which has no file of it yet."""
    return make_object_store(root / "elsewhere", far(store).bucket.address, cache_bytes)


def paths(**which: Any) -> set[str]:
    return set(StoreSegment.objects.filter(**which).values_list("path", flat=True))


def there(store: Store) -> set[str]:
    return {PREFIX + name for name in far(store).bucket.names()}


def path_of(kind: str) -> str:
    return StoreSegment.objects.filter(kind=kind, unlisted_at=None).order_by("-id").values_list("path", flat=True)[0]


def overwrite(store: Store, path: str, content: bytes) -> None:
    """As somebody with access to the bucket could."""
    address = far(store).bucket.address
    address.open().pipe_file(f"{address.url.partition('://')[2]}/{name_of(path)}", content)
