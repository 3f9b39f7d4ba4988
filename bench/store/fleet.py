"""A made-up fleet, the same on every run: services whose stacks share prefixes, drawn with Zipf's law."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import Hashes, frame_hash, key_hash, stack_hashes
from profiler.core.profile import Int32s, Int64s, Stacks
from profiler.core.quality import Quality
from profiler.core.stack_sums import StackSums
from profiler.core.times import Times
from profiler.store.catalog import HOST, SERVICE, NewProfile, Subject
from profiler.store.hot import packed

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

    @cached_property
    def frame_hash(self) -> Hashes:
        return np.array([frame_hash(frame) for frame in self.frames], dtype=np.uint64)

    @cached_property
    def node_hash(self) -> Hashes:
        return stack_hashes(self.stacks.parent, self.frame_hash[self.stacks.frame])

    @cached_property
    def paths(self) -> list[Int32s]:
        """The nodes of each stack."""
        found = []
        parent = self.stacks.parent.tolist()
        for leaf in self.leaf.tolist():
            path = [leaf]
            while parent[path[-1]] >= 0:
                path.append(parent[path[-1]])
            found.append(np.array(path, dtype=np.int32))
        return found


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
    """As `new_profile(meta, service, stack_sums(profile), …)` makes it, in a fifth of the time: hashes are known."""
    rng = np.random.default_rng((number, host, minute))
    counts = rng.multinomial(DRAWS, of.share)
    drawn = np.flatnonzero(counts)
    drawn = drawn[np.argsort(of.leaf[drawn])]
    start_ns = (MIDNIGHT_S + minute * 60 + number % 60) * 10**9
    times = Times.none()
    if number == 0 and minute in TIMED:
        at_ns = rng.integers(0, 1_200_000, DRAWS) * 50_000
        times = Times.sorted(at_ns, np.repeat(np.arange(len(drawn)), counts[drawn]))
    quality = Quality(DRAWS + minute % 3, {"map full": minute % 3}, {"end": DRAWS - 40, "no memory": 40})
    sums, frames = _sums(of, drawn, counts[drawn], times)
    return NewProfile(
        key=key_hash(f"{number}-{host}-{minute}", of.name),
        subject=Subject(of.name, "cpu", "samples"),
        labels={"version": f"v{minute // 480}", HOST: f"host-{number}-{host}", SERVICE: of.name},
        ts_ms=start_ns // 10**6,
        duration_ms=60_000,
        total=sums.total,
        stacks=len(drawn),
        data=packed(sums, frames, of.node_hash[of.leaf[drawn]], start_ns, quality),
        profile=key_hash(f"{number}-{host}-{minute}"),
    )


def _sums(of: Service, drawn: Int64s, value: Int64s, times: Times) -> tuple[StackSums, Hashes]:
    """What `stack_sums` gives, and the numbers of its frames."""
    used = np.zeros(len(of.stacks), dtype=np.bool_)
    used[np.concatenate([of.paths[stack] for stack in drawn.tolist()])] = True
    new = (np.cumsum(used) - 1).astype(np.int32)
    above, frame = of.stacks.parent[used], of.stacks.frame[used]
    known = np.zeros(len(of.frames), dtype=np.bool_)
    known[frame] = True
    numbers = np.flatnonzero(known)
    frames = [of.frames[number] for number in numbers.tolist()]
    parent = np.where(above >= 0, new[above], -1).astype(np.int32)
    place = (np.cumsum(known) - 1).astype(np.int32)
    return StackSums(frames, parent, place[frame], new[of.leaf[drawn]], value, times), of.frame_hash[numbers]
