"""What is asked of the viewer, beside what was measured: floors, not aims."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

#: Of each viewer the median of each number.
Medians = Mapping[str, Mapping[str, float]]
OURS, FLOOR = "ours", "floor"
EVERY = ("S", "M", "L", "XL")
VIEWS = ("table", "sandwich", "call tree", "hide kernel", "recursion", "invert")
BLOCKS = tuple(f"{name}, longest block ms" for name in VIEWS)
WHEEL, NO_DISPLAY = "wheel frames/s", "wheel, no display, frames/s"
MEMORY = ("heap MB", "typed arrays MB")
#: A display of 60 frames/s shows no more; a few may fall out.
DISPLAY = 55.0


@dataclass(frozen=True)
class Demand:
    """`got` is to be at most `limit`, or with `least` at least that; below `limit` where `strictly`."""

    text: str
    sizes: tuple[str, ...]
    limit: float
    got: Callable[[Medians], float | None]
    least: bool = False
    strictly: bool = False

    def met(self, got: float) -> bool:
        if self.strictly:
            return got < self.limit
        return got >= self.limit if self.least else got <= self.limit


def verdicts(size: str, medians: Medians) -> Iterator[str]:
    """One line for each demand on this size: what is asked, what it is, and whether that is enough."""
    for demand in DEMANDS:
        if size in demand.sizes and (got := demand.got(medians)) is not None:
            yield f"{demand.text:58}{got:>10.2f}  {'met' if demand.met(got) else 'NOT MET'}"


def own(key: str) -> Callable[[Medians], float | None]:
    return lambda medians: medians[OURS].get(key)


def to_floor(key: str) -> Callable[[Medians], float | None]:
    return lambda medians: _ratio(medians[OURS].get(key), medians[FLOOR].get(key))


def to_fastest_peer(medians: Medians) -> float | None:
    peers = [numbers["open ms"] for name, numbers in medians.items() if name not in (OURS, FLOOR)]
    return _ratio(medians[OURS].get("open ms"), min(peers, default=None))


def to_speedscope(medians: Medians) -> float | None:
    return _ratio(medians[OURS].get("open ms"), medians.get("speedscope", {}).get("open ms"))


def to_speedscope_wheel(medians: Medians) -> float | None:
    return _ratio(medians[OURS].get(NO_DISPLAY), medians.get("speedscope", {}).get(NO_DISPLAY))


def worst(keys: tuple[str, ...]) -> Callable[[Medians], float | None]:
    return lambda medians: max((medians[OURS][key] for key in keys if key in medians[OURS]), default=None)


def memory(medians: Medians) -> float | None:
    return sum(medians[OURS][key] for key in MEMORY) if MEMORY[0] in medians[OURS] else None


def _ratio(ours: float | None, other: float | None) -> float | None:
    return ours / other if ours is not None and other else None


DEMANDS = (
    Demand("open ÷ floor, at most 1.2", ("S", "M"), 1.2, to_floor("open ms")),
    Demand("open ÷ floor, below 1", ("L", "XL"), 1.0, to_floor("open ms"), strictly=True),
    Demand("open ÷ fastest peer, below 1", EVERY, 1.0, to_fastest_peer, strictly=True),
    Demand("open ÷ speedscope, at most 1/30", ("XL",), 1 / 30, to_speedscope),
    Demand("click to zoomed picture ÷ floor, at most 1.0", EVERY, 1.0, to_floor("zoom ms")),
    Demand("search, slowest key, at most 60 ms", EVERY, 60.0, own("search ms, worst key")),
    Demand(
        "wheel, pictures/s ÷ floor without a display, at least 2",
        EVERY,
        2.0,
        to_floor("wheel, no display, frames/s"),
        least=True,
    ),
    Demand("wheel, pictures/s ÷ speedscope's, at least 10", ("L",), 10.0, to_speedscope_wheel, least=True),
    Demand(
        f"wheel at the display's rate, at least {DISPLAY:g} frames/s", EVERY, DISPLAY, own("wheel frames/s"), least=True
    ),
    Demand("wheel, worst gap, at most 80 ms", EVERY, 80.0, own("wheel worst gap ms")),
    Demand("pan, worst gap, at most 80 ms", EVERY, 80.0, own("pan worst gap ms")),
    *(Demand(f"{name}, at most 250 ms", ("L",), 250.0, own(f"{name} ms")) for name in VIEWS),
    Demand(
        "longest block of these, at most 50 ms",
        ("L",),
        50.0,
        worst(BLOCKS),
    ),
    Demand("heap and typed arrays, at most 40 MB", ("L",), 40.0, memory),
    Demand("heap and typed arrays, at most 120 MB", ("XL",), 120.0, memory),
    Demand("first visit, at most 250 kB", EVERY, 250.0, own("first visit kB")),
)
