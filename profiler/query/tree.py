"""A stored profile as a tree for the viewer."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from django.db.models import BinaryField
from django.db.models.functions import Coalesce

from profiler.core import batch, wire
from profiler.core.cut import WHICH, Which, only
from profiler.core.errors import WireError
from profiler.core.grouping import DEFAULT_GROUP, GroupBy, parse_group
from profiler.core.overview import PIXELS, encode_overview
from profiler.core.profile import Profile
from profiler.core.prune import prune
from profiler.core.tree import Tree, build_tree
from profiler.core.unnamed import one_per_function
from profiler.errors import InvalidError, NotFoundError
from profiler.models import ProfileData, StoredProfile
from profiler.query.asked import as_asked
from profiler.query.time_range import TimeRange
from profiler.store.cache import ByteCache

# A page works on the whole of a tree in a worker, with 22 bytes a node. A larger one says below each frame how much it
# hides.
MAX_TREE_NODES = 5_000_000
# `overview`: what can be seen of all at once, for the first picture (core/overview.py).
Detail = Literal["all", "overview"]
# An overview is stored once and sent often; more than this level costs more time than it saves.
GZIP_LEVEL = 6
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


def asked_detail(text: str | None) -> Detail:
    """None for all."""
    for detail in get_args(Detail):
        if text in (detail, None):
            return detail  # type: ignore[no-any-return] # one of them
    raise InvalidError(f"detail: {text!r} is not one of {', '.join(get_args(Detail))}", "detail")


EVERYTHING = TimeRange()


@dataclass(frozen=True)
class TreeAsked:
    """Which tree of a profile."""

    group: Sequence[GroupBy] = DEFAULT_GROUP
    time: TimeRange = EVERYTHING
    stacks: Which = "all"
    detail: Detail = "all"

    @property
    def stored(self) -> bool:
        """Whether it is the one that is kept ready."""
        return self == TreeAsked(detail="overview")


def tree(profile: StoredProfile, asked: TreeAsked, most: int = MAX_TREE_NODES) -> bytes:
    """The wire message (see core/wire.py), with at most about `most` nodes."""
    if asked.stored and (ready := _ready(profile)):
        return gzip.decompress(ready)
    chosen = _shown(profile, load(profile), asked, most)
    return encode_overview(chosen) if asked.detail == "overview" else wire.encode(chosen)


def ready_overview(profile: StoredProfile, asked: TreeAsked) -> bytes | None:
    """The same, compressed by gzip, if it is one that is kept ready."""
    return _ready(profile) if asked.stored else None


def make_overview(stored: StoredProfile, profile: Profile) -> bytes | None:
    """What `ProfileData.overview` keeps: pages open with it, and then nobody waits for a tree to be built.

    None for a profile that can't be shown, which is no reason not to keep it.
    """
    try:
        shown = _shown(stored, one_per_function(profile), TreeAsked())
        return gzip.compress(encode_overview(shown), GZIP_LEVEL)
    except WireError:
        return None


def _shown(stored: StoredProfile, profile: Profile, asked: TreeAsked, most: int = MAX_TREE_NODES) -> Tree:
    chosen = only(asked.time.of(profile), asked.stacks)
    return prune(build_tree(as_asked(stored, chosen), asked.group), most)


def _ready(profile: StoredProfile) -> bytes | None:
    found = ProfileData.objects.filter(profile_id=profile.pk).values_list("overview", flat=True).first()
    return bytes(found) if found else None


def tree_etag(profile: StoredProfile, asked: TreeAsked) -> str:
    """A profile changes only when debug files name more of it, so these say it all."""
    words = f"{'-'.join(asked.group)}-{asked.time.from_ns}-{asked.time.to_ns}-{asked.stacks}-{asked.detail}-{PIXELS}"
    return f'"{profile.pk}-{profile.revision}-{words}-{wire.SCHEMA}-{MAX_TREE_NODES}"'


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
    samples = (profile.node, profile.thread, profile.value)
    times = (profile.times.at_ns, profile.times.row, profile.times.cpu)
    columns = (profile.stacks.parent, profile.stacks.frame, *samples, *times)
    texts = FRAME_BYTES * len(profile.frames) + THREAD_BYTES * (len(profile.threads) + len(profile.cgroups))
    return sum(column.nbytes for column in columns) + texts


_cache: ByteCache[str, Profile] = ByteCache(CACHE_BYTES, profile_bytes)
