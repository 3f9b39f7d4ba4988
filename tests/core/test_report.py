"""What a person reads: every reason once, largest first, with what to do."""

import re

import pytest

from profiler.agent.sampling.events import CUT_OUTCOMES, LOST_CAUSES, OUTCOME_NAMES
from profiler.core import advice
from profiler.core.advice import Fix
from profiler.core.cut import UNMARKED_OUTCOMES, WHOLE_OUTCOMES, cut_frame
from profiler.core.profile import ProfileMeta
from profiler.core.quality import ModuleFacts, Quality
from profiler.core.report import MAX_ROWS, ModuleRow, Report, report

SECOND = 10**9


def of(quality: Quality, **meta: int) -> Report:
    return report(quality, ProfileMeta(**meta))  # type: ignore[arg-type]


def test_a_sample_is_whole_when_it_is_here_and_reaches_its_entry() -> None:
    found = of(Quality(100, lost={"ring full": 10}, outcomes={"end": 60, "kernel only": 20, "too deep": 10}))
    assert (found.samples, found.whole, found.lost) == (100, 80, 10)
    assert [(row.reason, row.count) for row in found.cut_rows] == [("too deep", 10)]
    assert [(row.reason, row.count) for row in found.lost_rows] == [("ring full", 10)]


def test_a_file_that_does_not_tell_how_stacks_ended_claims_nothing() -> None:
    assert of(Quality(100)).whole is None


def test_every_outcome_of_an_agent_is_whole_or_has_advice() -> None:
    for outcome, name in OUTCOME_NAMES.items():
        assert (name not in WHOLE_OUTCOMES) == (outcome in CUT_OUTCOMES or name in UNMARKED_OUTCOMES)
        assert advice.for_outcome(name) or name == "end"


def test_every_loss_has_advice() -> None:
    assert all(map(advice.for_loss, LOST_CAUSES.values()))


@pytest.mark.parametrize("old", ["cut", "failed"])
def test_names_of_earlier_agents_are_still_explained(old: str) -> None:
    (row,) = of(Quality(1, outcomes={old: 1})).cut_rows
    assert row.advice


def test_the_search_of_a_cut_finds_its_mark_and_no_other() -> None:
    (row,) = of(Quality(1, outcomes={"file not parsed yet": 1})).cut_rows
    assert re.search(row.search, cut_frame("file not parsed yet").name)
    assert not re.search(row.search, cut_frame("file not parsed yet, too").name)


def test_an_end_that_shows_in_no_stack_is_not_searched_for() -> None:
    (row,) = of(Quality(1, outcomes={"passed by frame pointer": 1})).cut_rows
    assert row.search == ""
    assert {name for outcome, name in OUTCOME_NAMES.items() if outcome not in CUT_OUTCOMES} > UNMARKED_OUTCOMES


def test_a_module_without_symbols_names_package_and_build() -> None:
    facts = ModuleFacts("libpython3.11.so.1.0", "0123abcd", "libpython3.11", "dpkg")
    (row,) = of(Quality(10, unknown={facts.module: 4}, modules=(facts, ModuleFacts("other.so", "ff")))).unknown_rows
    assert isinstance(row, ModuleRow)
    assert row.fix is Fix.DEBUG_FILE
    assert "libpython3.11-dbgsym" in row.advice
    assert row.builds == (facts._asdict() | {"debug_package": "libpython3.11-dbgsym"},)
    assert re.search(row.search, "libpython3.11.so.1.0+0x1f2e")
    assert not re.search(row.search, "libpython3x11.so.1.0+0x1f2e")


@pytest.mark.parametrize(
    ("module", "facts", "fix", "says"),
    [
        ("[kernel]", (), Fix.KERNEL_SYMBOLS, "kptr_restrict"),
        ("[anon]", (), Fix.RUNTIME_OPTION, "--perf-basic-prof"),
        ("[unmapped]", (), Fix.NONE, "no mapping"),
        ("libc.so.6", (ModuleFacts("libc.so.6", "ab", "libc6", "dpkg"),), Fix.DEBUG_FILE, "libc6-dbg "),
        ("x", (ModuleFacts("x", "ab", "bash", "dpkg"),), Fix.DEBUG_FILE, "bash-dbgsym "),
        ("x", (ModuleFacts("x", "ab", "glibc", "rpm"),), Fix.DEBUG_FILE, "glibc-debuginfo "),
        ("x", (ModuleFacts("x", "ab", "musl", "apk"),), Fix.DEBUG_FILE, "musl-dbg "),
        ("x", (ModuleFacts("x", "ab"),), Fix.DEBUG_FILE, "the server its debug file"),
        ("x", (ModuleFacts("x"),), Fix.DEBUG_FILE, "no build id"),
        ("x", (), Fix.DEBUG_FILE, "a build with symbols"),
    ],
)
def test_each_sort_of_module_has_its_remedy(module: str, facts: tuple[ModuleFacts, ...], fix: Fix, says: str) -> None:
    found, text = advice.for_module(module, facts)
    assert found is fix
    assert says in text


def test_a_package_is_only_named_where_one_owns_the_file() -> None:
    _, text = advice.for_module("x", (ModuleFacts("x", "ab"),))
    assert "Install" not in text


def test_more_reasons_than_anybody_reads_are_counted_in_one_row() -> None:
    rows = of(Quality(1000, unknown={f"lib{i}.so": i + 1 for i in range(MAX_ROWS + 3)})).unknown_rows
    assert len(rows) == MAX_ROWS + 1
    assert (rows[-1].reason, rows[-1].count) == ("3 others", 1 + 2 + 3)


def test_cost_is_a_share_of_one_cpu_and_a_time_per_sample() -> None:
    cost = of(Quality(500, agent_cpu_ns=SECOND // 10, bpf_ns=SECOND // 100), duration_ns=10 * SECOND).cost
    assert cost.cpu_share == pytest.approx(0.011)
    assert cost.bpf_ns_per_sample == pytest.approx(20_000)


def test_a_rate_that_was_lowered_shows_in_the_mean_period() -> None:
    cost = of(Quality(500, thinned=250), period_ns=10_000_000).cost
    assert (cost.requested_ns, cost.mean_ns) == (10_000_000, 15_000_000)


def test_an_empty_profile_has_a_report_without_a_number_that_is_none() -> None:
    found = of(Quality(), period_ns=5)
    assert (found.samples, found.whole, found.cost.mean_ns, found.cost.cpu_share) == (0, None, 5, 0.0)
