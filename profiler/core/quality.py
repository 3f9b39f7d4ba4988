"""How far a profile can be trusted, as data. Additive: merging profiles adds their qualities."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Quality:
    """Counts beside a profile's samples. All values are ≥ 0.

    samples: samples taken by the probe, lost ones included.
    lost: samples without a stack in the profile, by cause (`map full`, `ring full`, …).
    outcomes: samples by how their user stack's walk ended (`end`, `cut`, `kernel only`, …).
    unknown: samples whose innermost frame has no symbol, by module.
    skipped: what was not read, by reason: parts of an imported file; mappings and files without room in unwind tables.
    runtimes: samples by how the frames of a language runtime were read (`python: whole`, `java: methods without …`).
    hints: samples that would show more, by what to do about it, in a sentence.
    agent_cpu_ns, bpf_ns: what the collection cost; 0 where it was not measured.
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
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and MessagePack; the inverse of `from_dict`."""
        return {
            "samples": self.samples,
            "lost": dict(self.lost),
            "outcomes": dict(self.outcomes),
            "unknown": dict(self.unknown),
            "skipped": dict(self.skipped),
            "agent_cpu_ns": self.agent_cpu_ns,
            "bpf_ns": self.bpf_ns,
            "runtimes": dict(self.runtimes),
            "hints": dict(self.hints),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Quality":
        return cls(**data)


def _sum(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(a) + Counter(b))
