"""A stored profile as a tree for the viewer, and as text."""

from collections.abc import Sequence

from django.db.models import BinaryField
from django.db.models.functions import Coalesce

from profiler.core import batch, wire
from profiler.core.cut import WHICH, Which, only
from profiler.core.grouping import DEFAULT_GROUP, GroupBy, parse_group
from profiler.core.profile import Profile
from profiler.core.prune import prune
from profiler.core.tree import build_tree
from profiler.core.unnamed import one_per_function
from profiler.errors import InvalidError, NotFoundError
from profiler.models import ProfileData, StoredProfile
from profiler.query.asked import as_asked
from profiler.query.time_range import TimeRange
from profiler.store.cache import ByteCache

# The viewer opens this many nodes (10 MB) in about a second, so nothing of an ordinary profile has to be cut; a larger
# one says below each frame how much it hides.
MAX_TREE_NODES = 1_000_000
# Opening the same profile with another grouping should not decode it again. Per process.
CACHE_BYTES = 256 * 2**20
# A frame is a tuple of two integers and five strings, most of them shared.
FRAME_BYTES = 300
THREAD_BYTES = 250


def asked_group(text: str | None) -> tuple[GroupBy, ...]:
    """`comm,container` in any order and selection; empty for no grouping, None for the default."""
    try:
        return DEFAULT_GROUP if text is None else parse_group(text)
    except ValueError as error:
        raise InvalidError(f"group: {error}", "group") from None


def asked_stacks(text: str | None) -> Which:
    """`all`, `whole` or `cut`; None for all."""
    for which in WHICH:
        if text in (which, None):
            return which
    raise InvalidError(f"stacks: {text!r} is not one of {', '.join(WHICH)}", "stacks")


EVERYTHING = TimeRange()


def tree(
    profile: StoredProfile, group: Sequence[GroupBy], time: TimeRange = EVERYTHING, stacks: Which = "all"
) -> bytes:
    """The wire message (see core/wire.py) of the samples of a time, with at most MAX_TREE_NODES nodes."""
    chosen = only(time.of(load(profile)), stacks)
    return wire.encode(prune(build_tree(as_asked(profile, chosen), group), MAX_TREE_NODES))


def tree_etag(
    profile: StoredProfile, group: Sequence[GroupBy], time: TimeRange = EVERYTHING, stacks: Which = "all"
) -> str:
    """A profile changes only when debug files name more of it, so these say it all."""
    asked = f"{'-'.join(group)}-{time.from_ns}-{time.to_ns}-{stacks}"
    return f'"{profile.pk}-{profile.revision}-{asked}-{wire.SCHEMA}-{MAX_TREE_NODES}"'


def load(profile: StoredProfile) -> Profile:
    """The decoded profile, named by debug files, from the process's cache.

    Raises NotFoundError when it was deleted meanwhile.
    """
    return _cache.get(f"{profile.pk} {profile.revision}", lambda: _decoded(profile))


def _decoded(profile: StoredProfile) -> Profile:
    shown = Coalesce("named", "batch", output_field=BinaryField())
    data = ProfileData.objects.filter(profile_id=profile.pk).values_list(shown, flat=True).first()
    if data is None:
        raise NotFoundError(f"profile {str(profile.pk)!r} does not exist")
    return one_per_function(batch.decode(bytes(data)))


def profile_bytes(profile: Profile) -> int:
    samples = (profile.node, profile.thread, profile.value, profile.times.at_ns, profile.times.row)
    columns = (profile.stacks.parent, profile.stacks.frame, *samples)
    texts = FRAME_BYTES * len(profile.frames) + THREAD_BYTES * (len(profile.threads) + len(profile.cgroups))
    return sum(column.nbytes for column in columns) + texts


_cache: ByteCache[str, Profile] = ByteCache(CACHE_BYTES, profile_bytes)
