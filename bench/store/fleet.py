"""A made-up fleet, the same on every run: services whose stacks share prefixes, drawn with Zipf's law."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta, Stacks
from profiler.core.quality import Quality
from profiler.core.stack_sums import stack_sums
from profiler.core.times import Times
from profiler.store.catalog import NewProfile
from profiler.store.hot import new_profile

SHARED_FRAMES, OWN_FRAMES = 10_000, 1_000
STACKS = 6_200
DRAWS = 3_600
ZIPF = 0.9
# The first service runs on six hosts, of the others three in ten on two: 70 series of 50 services.
FIRST_HOSTS = 6
# Minutes of the first service whose samples have times: all would be as large as everything else together.
TIMED = range(180, 300)
# A Sunday, 00:00 UTC.
MIDNIGHT_S = 20_600 * 86_400


@dataclass(frozen=True)
class Service:
    """Its stacks as a trie; `leaf` of each stack, `share` of the samples that it gets."""

    name: str
    hosts: int
    frames: tuple[Frame, ...]
    stacks: Stacks
    leaf: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    share: "np.ndarray[tuple[int], np.dtype[np.float64]]"


def service(number: int) -> Service:
    rng = np.random.default_rng(1000 + number)
    shared = [Frame(f"shared_function_{i}", FrameKind.NATIVE, f"libshared{i % 40}.so") for i in range(SHARED_FRAMES)]
    own = [
        Frame(f"svc{number}::Handler{i // 20}::step_{i}", FrameKind.NATIVE, f"svc{number}") for i in range(OWN_FRAMES)
    ]
    nodes: dict[tuple[int, int], int] = {}
    paths: list[list[int]] = []
    leaf = []
    for _ in range(STACKS):
        depth = int(rng.integers(15, 61))
        kept = paths[int(rng.integers(len(paths)))][: max(1, depth - int(rng.integers(3, 16)))] if paths else []
        more = rng.integers(0, OWN_FRAMES + 300, depth - len(kept)) if depth > len(kept) else []
        # The frames above the own ones are shared libraries' of this service.
        path = kept + [
            int(f) if f < OWN_FRAMES else int(OWN_FRAMES + (f * 37 + number * 211) % SHARED_FRAMES) for f in more
        ]
        node = -1
        for frame in path:
            node = nodes.setdefault((node, frame), len(nodes))
        paths.append(path)
        leaf.append(node)
    columns = np.array(list(nodes), dtype=np.int32)
    weight = 1 / np.arange(1, STACKS + 1) ** ZIPF
    hosts = FIRST_HOSTS if number == 0 else 2 if number % 10 in (3, 6, 9) else 1
    stacks = Stacks(columns[:, 0].copy(), columns[:, 1].copy())
    shuffled = rng.permutation(weight / weight.sum())
    return Service(f"svc-{number:02}", hosts, tuple(own + shared), stacks, np.array(leaf, dtype=np.int32), shuffled)


def profiles(services: list[Service], minutes: int, first: int = 0) -> Iterator[NewProfile]:
    """A profile per minute of each service on each of its hosts, in order of time; without the `first` ones."""
    places = [(number, host) for number, one in enumerate(services) for host in range(one.hosts)]
    for place in range(first, minutes * len(places)):
        minute, which = divmod(place, len(places))
        number, host = places[which]
        yield profile(services[number], number, host, minute)


def profile(of: Service, number: int, host: int, minute: int) -> NewProfile:
    rng = np.random.default_rng((number, host, minute))
    counts = rng.multinomial(DRAWS, of.share)
    drawn = np.flatnonzero(counts)
    start_ns = (MIDNIGHT_S + minute * 60 + number % 60) * 10**9
    meta = ProfileMeta(
        id=f"{number}-{host}-{minute}", host=f"host-{number}-{host}", start_ns=start_ns, duration_ns=6 * 10**10
    )
    times = Times.none()
    if number == 0 and minute in TIMED:
        times = Times.sorted(
            rng.integers(0, 1_200_000, DRAWS) * 50_000, np.repeat(np.arange(len(drawn)), counts[drawn])
        )
    quality = Quality(DRAWS + minute % 3, {"map full": minute % 3}, {"end": DRAWS - 40, "no memory": 40})
    columns = of.leaf[drawn], np.zeros(len(drawn), dtype=np.int32), counts[drawn]
    whole = Profile(meta, of.frames, of.stacks, (Thread(),), *columns, quality, times=times)
    return new_profile(meta, of.name, stack_sums(whole), {"version": f"v{minute // 480}"}, quality)
