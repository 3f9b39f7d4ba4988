"""A made-up fleet: recordings with known sums, and the slow, obvious answers to compare with."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from profiler.catalog.django import DjangoCatalog
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.selector import parse
from profiler.core.stack_sums import stack_sums
from profiler.core.tree import Tree
from profiler.store.catalog import NewProfile
from profiler.store.hot import new_profile
from profiler.store.protocol import ProfileStore
from profiler.store.question import Question
from profiler.store.store import Store

DAY_S = 86_400
# A Sunday in 2026, 00:00 UTC.
MIDNIGHT_S = 20_600 * DAY_S
NOW_MS = (MIDNIGHT_S + 2 * DAY_S) * 1000
Stack = tuple[str, ...]


@dataclass(frozen=True)
class Recording:
    """What a host's agent would have sent of one service. `at_s` counts from MIDNIGHT_S."""

    id: str
    service: str
    host: str
    at_s: float
    stacks: Mapping[Stack, int]
    labels: Mapping[str, str]
    period_ns: int = 0

    def kept(self) -> NewProfile:
        start_ns = MIDNIGHT_S * 10**9 + int(self.at_s * 10**9)
        meta = ProfileMeta(
            id=self.id, host=self.host, start_ns=start_ns, duration_ns=10 * 10**9, period_ns=self.period_ns
        )
        builder = ProfileBuilder(meta)
        for stack, value in self.stacks.items():
            builder.add(builder.stack(builder.frame(Frame(name)) for name in stack), value)
        return new_profile(meta, self.service, stack_sums(builder.build()), self.labels)


def recordings(count: int, seed: int = 1, days: int = 2) -> list[Recording]:
    """The same for the same seed; some stacks are of every service, some come up late, some recurse."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        at_s = rng.random() * days * DAY_S
        service = rng.choice(["web", "db", "cache"])
        names = ["main", "loop", service, f"at-{int(at_s) // 40_000}", "parse", "parse"]
        stacks = {
            ("main", *rng.choices(names, k=rng.randint(0, 5))): rng.randint(1, 9) for _ in range(rng.randint(1, 12))
        }
        labels = {"version": f"v{int(at_s) // DAY_S}"}
        made.append(Recording(f"p{seed}-{number}", service, f"host-{rng.randint(1, 3)}", at_s, stacks, labels))
    return made


def question(selector: str = "", begin_s: float = 0, end_s: float = 2 * DAY_S) -> Question:
    base = MIDNIGHT_S * 1000
    return Question(parse(selector), base + int(begin_s * 1000), base + int(end_s * 1000))


def expected(made: Sequence[Recording], begin_s: float = 0, end_s: float = 2 * DAY_S) -> Counter[Stack]:
    """Own values by stack."""
    found: Counter[Stack] = Counter()
    for one in made:
        if begin_s <= one.at_s < end_s:
            found.update(one.stacks)
    return found


def stacks_of(tree: Tree) -> Counter[Stack]:
    """The same, read from a tree."""
    return Counter({path: own for path, own in _walk(tree) if own})


def _walk(tree: Tree) -> Iterator[tuple[Stack, int]]:
    path: list[str] = []
    columns = zip(tree.depth.tolist(), tree.frame.tolist(), tree.self_value.tolist(), strict=True)
    for depth, frame, own in columns:
        path[depth:] = [tree.frames[frame].name]
        yield tuple(path[1:]), own


def frame_kinds(tree: Tree) -> set[FrameKind]:
    return {tree.frames[frame].kind for frame in tree.frame.tolist()}


def make_store(root: Path) -> Store:
    return Store(DjangoCatalog(), root)


def fill(store: ProfileStore, made: Sequence[Recording], *, rounds: int = 1, hot: int = 0) -> None:
    """Append and compact in so many rounds; the last `hot` stay uncompacted."""
    settled = made[: len(made) - hot]
    for number in range(rounds):
        store.append([one.kept() for one in settled[number::rounds]], NOW_MS)
        store.compact()
    store.append([one.kept() for one in made[len(made) - hot :]], NOW_MS)
