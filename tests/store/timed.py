"""Profiles whose samples have times."""

import random
from dataclasses import dataclass

import numpy as np

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame
from profiler.core.profile import ProfileMeta
from profiler.core.quality import Quality
from profiler.core.stack_sums import stack_sums
from profiler.store.catalog import NewProfile
from profiler.store.hot import new_profile
from tests.store.fleet import DAY_S, MIDNIGHT_S, Stack

SECOND_NS = 10**9


@dataclass(frozen=True)
class Timed:
    """A profile of 10 s that begins at `at_s`; its samples: seconds after midnight, and stacks."""

    id: str
    at_s: float
    samples: list[tuple[float, Stack]]
    untimed: int = 0
    host: str = "host-1"

    def kept(self) -> NewProfile:
        start_ns = MIDNIGHT_S * SECOND_NS + int(self.at_s * SECOND_NS)
        meta = ProfileMeta(id=self.id, host=self.host, start_ns=start_ns, duration_ns=10 * SECOND_NS)
        builder = ProfileBuilder(meta)
        for at_s, stack in self.samples:
            node = builder.stack(builder.frame(Frame(name)) for name in stack)
            builder.add(node, 1)
            at_ns = MIDNIGHT_S * SECOND_NS + round(at_s * SECOND_NS)
            builder.add_times(np.array([node]), np.array([0]), np.array([at_ns]))
        if self.untimed:
            builder.add(builder.stack([builder.frame(Frame("late"))]), self.untimed)
        taken = len(self.samples) + self.untimed
        quality = Quality(taken + 2, {"ring full": 2}, {"end": taken - 1, "no memory": 1}, {"libc.so": 1})
        return new_profile(meta, "web", stack_sums(builder.build()), {}, quality)


def made(count: int = 12) -> list[Timed]:
    """Every ten seconds one, the last across midnight."""
    rng = random.Random(3)
    profiles = []
    for number in range(count):
        at_s = 2 * DAY_S - 5 - (count - 1 - number) * 10
        stacks = [("main", *rng.choices("abc", k=rng.randint(0, 3))) for _ in range(40)]
        samples = [(round(at_s + rng.randrange(200_000) * 50e-6, 6), stack) for stack in stacks]
        profiles.append(Timed(f"t{number}", at_s, samples, untimed=number % 3))
    return profiles


MADE = made()
