"""What an object store has and the catalog doesn't know, and the other way round."""

from collections.abc import Sequence

from profiler.store.catalog import Catalog
from profiler.store.errors import StoreError
from profiler.store.objects.objects import PREFIX, Objects

MAX_NAMED = 3


def sweep_objects(catalog: Catalog, objects: Objects, before_s: float) -> int:
    """Delete objects that belong to nobody and are older than that (Unix seconds); returns how many.

    Raises UnavailableError, and StoreError when listed ones are not there, or the place is not the catalog's.
    """
    objects.claim(catalog, again=True)
    orphans, lost = compare(catalog, objects, before_s)
    objects.remove(orphans)
    if lost:
        raise StoreError(
            f"{len(lost)} segments are not in {objects}: run `manage.py store check --repair` "
            f"({', '.join(lost[:MAX_NAMED])})"
        )
    return len(orphans)


def compare(catalog: Catalog, objects: Objects, before_s: float) -> tuple[Sequence[str], Sequence[str]]:
    """Paths of objects that the catalog doesn't know and that are older, and of listed ones that aren't there."""
    listed_before = listed(catalog)
    found = {PREFIX + name: one for name, one in objects.bucket.names().items()}
    # After the objects: one that is listed meanwhile must not look unknown, nor one that is unlisted look lost.
    known = catalog.known_paths()
    orphans = sorted(path for path, one in found.items() if path not in known and one.changed_s < before_s)
    suspects = listed_before - found.keys()
    return orphans, sorted(suspects & listed(catalog)) if suspects else []


def listed(catalog: Catalog) -> set[str]:
    """Paths of all objects that questions may ask for."""
    segments = (segment for day in catalog.days() for segment in catalog.snapshot(day, day, ()).segments)
    return {segment.path for segment in segments if segment.path.startswith(PREFIX)}
