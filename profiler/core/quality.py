"""How far a profile can be trusted, as data. Additive: merging profiles adds their qualities."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

# Bounds of what a batch may hold; a host with more reasons than that gets the rest as one.
MAX_COUNTS = 4096
MAX_LABEL = 256
MAX_MODULES = 4096
OTHERS = "(others)"


class ModuleFacts(NamedTuple):
    """A file whose functions have no names, as it was on the host: what to look for to get them.

    `package` is the distribution's package that owns the file and `packager` who says so (`dpkg`, `rpm`, `apk`);
    empty when unknown.
    One module may have several of these: containers have their own versions of a library.
    """

    module: str
    build_id: str = ""
    package: str = ""
    packager: str = ""


@dataclass(frozen=True)
class Quality:
    """Counts beside a profile's samples. All values are ≥ 0.

    samples: samples taken by the probe, lost ones included.
    thinned: samples not taken because the rate was lowered; those taken weigh as much more (agent/cost/budget.py).
    lost: samples without a stack in the profile, by cause (`map full`, `ring full`, …).
    outcomes: samples by how their user stack's walk ended (`end`, `cut`, `kernel only`, …).
    unknown: samples whose innermost frame has no symbol, by module.
    modules: what is known of the files among those modules.
    skipped: things that were not read, by reason: parts of an imported file; functions, files, mappings and processes
        left out of unwind tables. Each thing counts once in a recording.
    runtimes: samples by how the frames of a language runtime were read (`python: whole`, `java: methods without …`).
    hints: samples that would show more, by what to do about it, in a sentence.
    agent_cpu_ns, bpf_ns: what the collection cost: CPU time of the agent with its children, and of its BPF programs;
        0 where it was not measured.
    agent_rss_bytes: the agent's largest resident memory at a reading, with what its helpers hold beside it.
    """

    samples: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    agent_cpu_ns: int = 0
    bpf_ns: int = 0
    runtimes: Mapping[str, int] = field(default_factory=dict)
    hints: Mapping[str, int] = field(default_factory=dict)
    thinned: int = 0
    agent_rss_bytes: int = 0
    modules: tuple[ModuleFacts, ...] = ()

    @property
    def lost_total(self) -> int:
        return sum(self.lost.values())

    @property
    def unknown_total(self) -> int:
        return sum(self.unknown.values())

    def __add__(self, other: "Quality") -> "Quality":
        return Quality(
            samples=self.samples + other.samples,
            lost=_sum(self.lost, other.lost),
            outcomes=_sum(self.outcomes, other.outcomes),
            unknown=_sum(self.unknown, other.unknown),
            skipped=_sum(self.skipped, other.skipped),
            agent_cpu_ns=self.agent_cpu_ns + other.agent_cpu_ns,
            bpf_ns=self.bpf_ns + other.bpf_ns,
            runtimes=_sum(self.runtimes, other.runtimes),
            hints=_sum(self.hints, other.hints),
            thinned=self.thinned + other.thinned,
            agent_rss_bytes=max(self.agent_rss_bytes, other.agent_rss_bytes),
            modules=_joined(self.modules, other.modules),
        )

    def bounded(self) -> "Quality":
        """The same within the bounds of a batch: long reasons are cut, the rarest of too many become one."""
        counts: dict[str, Any] = {
            name: _bounded(value) for name, value in vars(self).items() if isinstance(value, Mapping)
        }
        modules = [ModuleFacts(*(text[:MAX_LABEL] for text in facts)) for facts in self.modules[:MAX_MODULES]]
        return replace(self, **counts, modules=tuple(modules))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and MessagePack; the inverse of `from_dict`."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        counts = {name: dict(value) for name, value in values.items() if isinstance(value, Mapping)}
        return values | counts | {"modules": [facts._asdict() for facts in self.modules]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Quality":
        modules = tuple(ModuleFacts(**facts) for facts in data.get("modules", ()))
        return cls(**{**data, "modules": modules})


def _sum(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(a) + Counter(b))


def _joined(a: Iterable[ModuleFacts], b: Iterable[ModuleFacts]) -> tuple[ModuleFacts, ...]:
    """One of each file: the one that knows its package."""
    best: dict[tuple[str, str], ModuleFacts] = {}
    for facts in (*a, *b):
        key = facts.module, facts.build_id
        best[key] = max(facts, best.get(key, facts))
    return tuple(sorted(best.values()))


def _bounded(counts: Mapping[str, int]) -> dict[str, int]:
    short: Counter[str] = Counter()
    for reason, count in counts.items():
        short[reason[:MAX_LABEL]] += count
    kept = dict(short.most_common(MAX_COUNTS - 1))
    if len(kept) == len(short):
        return kept
    rest = short.total() - sum(kept.values())
    return kept | {OTHERS: kept.get(OTHERS, 0) + rest}
