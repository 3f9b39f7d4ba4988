"""A quality in words: what a person reads beside a profile, on the page, in the API and on the command line."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from profiler.core import advice
from profiler.core.advice import Fix
from profiler.core.cut import UNMARKED_OUTCOMES, WHOLE_OUTCOMES, cut_frame
from profiler.core.profile import SAMPLES, ProfileMeta
from profiler.core.quality import ModuleFacts, Quality
from profiler.core.spec import CPU_PROBE

# A person reads the largest; the rest are one row.
MAX_ROWS = 20
EVENTS = "events"
# What both Python's and a browser's regular expressions read as something else.
_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")


@dataclass(frozen=True)
class Row:
    """One reason. `search` is a regular expression that finds its frames in the viewer, empty when none does."""

    reason: str
    count: int
    advice: str = ""
    search: str = ""


@dataclass(frozen=True)
class ModuleRow(Row):
    """A module with samples that have no name. `builds` are the files behind it."""

    fix: Fix = Fix.NONE
    builds: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Cost:
    """What the recording cost its host. A share of 1 is one CPU for the whole recording.

    `requested_ns` and `mean_ns`: CPU time between two samples, as asked for and as it was on the average, which is
    longer when the agent had to lower the rate. Zero is unknown.
    """

    agent_cpu_ns: int
    bpf_ns: int
    cpu_share: float
    bpf_ns_per_sample: float
    agent_rss_bytes: int
    requested_ns: int
    mean_ns: int


@dataclass(frozen=True)
class Report:
    """`whole`: samples whose stack is here and reaches its entry, None when the file does not tell how stacks ended.

    Shares of `cut` and `unknown` are of `samples`. Rows are sorted, largest first. `noun`: what was counted, samples
    of a clock or events.
    """

    samples: int
    whole: int | None
    lost: int
    unknown: int
    lost_rows: tuple[Row, ...]
    cut_rows: tuple[Row, ...]
    unknown_rows: tuple[ModuleRow | Row, ...]
    hint_rows: tuple[Row, ...]
    runtime_rows: tuple[Row, ...]
    skipped_rows: tuple[Row, ...]
    cost: Cost
    noun: str = SAMPLES

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON. Without `noun` they are samples, as in every message before there were others."""
        plain = asdict(self)
        if self.noun == SAMPLES:
            del plain["noun"]
        return plain


R = TypeVar("R", bound=Row)


def report(quality: Quality, meta: ProfileMeta) -> Report:
    return Report(
        samples=quality.samples,
        whole=sum(count for outcome, count in quality.outcomes.items() if outcome in WHOLE_OUTCOMES)
        if quality.outcomes
        else None,
        lost=quality.lost_total,
        unknown=quality.unknown_total,
        lost_rows=_rows(quality.lost, lambda cause, count: Row(cause, count, advice.for_loss(cause))),
        cut_rows=_rows(_broken(quality.outcomes), _cut_row),
        unknown_rows=_rows(quality.unknown, lambda module, count: _module_row(module, count, quality.modules)),
        hint_rows=_rows(quality.hints, Row),
        runtime_rows=_rows(quality.runtimes, Row),
        skipped_rows=_rows(quality.skipped, Row),
        cost=_cost(quality, meta),
        noun=SAMPLES if meta.unit == SAMPLES or meta.kind == CPU_PROBE else EVENTS,
    )


def _broken(outcomes: Mapping[str, int]) -> dict[str, int]:
    return {outcome: count for outcome, count in outcomes.items() if outcome not in WHOLE_OUTCOMES}


def _rows(counts: Mapping[str, int], row: Callable[[str, int], R]) -> tuple[R | Row, ...]:
    """The largest, by count and then by name; what is over MAX_ROWS as one row that says how many it stands for."""
    ordered = sorted(((-count, reason) for reason, count in counts.items() if count > 0))
    rows: list[R | Row] = [row(reason, -count) for count, reason in ordered[:MAX_ROWS]]
    rest = ordered[MAX_ROWS:]
    if rest:
        rows.append(Row(f"{len(rest)} others", -sum(count for count, _ in rest)))
    return tuple(rows)


def _cut_row(outcome: str, count: int) -> Row:
    search = "" if outcome in UNMARKED_OUTCOMES else f"^{_literal(cut_frame(outcome).name)}$"
    return Row(outcome, count, advice.for_outcome(outcome), search)


def _module_row(module: str, count: int, modules: Sequence[ModuleFacts]) -> ModuleRow:
    facts = [one for one in modules if one.module == module]
    fix, text = advice.for_module(module, facts)
    builds = tuple(one._asdict() | {"debug_package": advice.debug_package(one)} for one in facts)
    search = "" if fix is not Fix.DEBUG_FILE else f"^{_literal(module)}\\+0x"
    return ModuleRow(module, count, text, search, fix, builds)


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _cost(quality: Quality, meta: ProfileMeta) -> Cost:
    spent = quality.agent_cpu_ns + quality.bpf_ns
    stand_for = quality.samples + quality.thinned
    return Cost(
        agent_cpu_ns=quality.agent_cpu_ns,
        bpf_ns=quality.bpf_ns,
        cpu_share=spent / meta.duration_ns if meta.duration_ns else 0.0,
        bpf_ns_per_sample=quality.bpf_ns / quality.samples if quality.samples else 0.0,
        agent_rss_bytes=quality.agent_rss_bytes,
        requested_ns=meta.period_ns,
        mean_ns=round(meta.period_ns * stand_for / quality.samples) if quality.samples else meta.period_ns,
    )
