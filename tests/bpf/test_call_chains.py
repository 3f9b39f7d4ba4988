"""Interpreters of the distribution on scripts whose call chains are known: the expected stacks are text."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from profiler.core.profile import Profile
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import record_samples, stacks
from tests.bpf.test_unwind import FLOOR, busy, whole_share

pytestmark = pytest.mark.bpf

ENTRY = "_start __libc_start_main __libc_start_call_main"

# A comparison in Perl runs the interpreter's loop anew: outer, its comparison middle, and in that one leaf.
PERL = """
sub leaf { my $sum = 0; $sum += $_ * 7 % 31 for 1..300; return $sum }
sub middle { my @sorted = sort { leaf() <=> $b } 1..9; return scalar @sorted }
sub outer { my @sorted = sort { middle() <=> $b } 1..3; return @sorted }
outer() while 1
"""
PERL_CHAIN = f"""
{ENTRY} main perl_run Perl_runops_standard
Perl_pp_sort Perl_sortsv_flags ? Perl_runops_standard
Perl_pp_sort Perl_sortsv_flags ? Perl_runops_standard Perl_pp_modulo
"""

# A function in bash is a list that execute_command runs: of the script, of outer and of middle, around leaf's loop.
BASH = """
leaf() { for i in {1..200}; do x=${i/1/2}; done; }
middle() { leaf; : after; }
outer() { middle; : after; }
while :; do outer; done
"""
BASH_CHAIN = f"""
{ENTRY} main ? parse_and_execute execute_command_internal ?
execute_command execute_command_internal ? execute_command_internal execute_command_internal ?
execute_command execute_command_internal ? execute_command_internal execute_command_internal ?
execute_command execute_command_internal ? execute_command_internal execute_command_internal
execute_command execute_command_internal
"""

NODE = """
function leaf() { let sum = 0; for (let i = 0; i < 20000; i++) sum += (i * 31) % 7; return sum }
function middle() { return leaf() + 1 }
function outer() { return middle() + 1 }
for (;;) outer()
"""
NODE_CHAIN = "(anonymous) outer middle leaf"


def record(command: list[str]) -> tuple[Profile, Counter[tuple[str, ...]]]:
    """Its stacks, with a question mark for each function without a name."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    with busy(command) as pid:
        profile = record_samples(RecordingSpec(frequency=499, user_only=True, pids=(pid,)), 300)
    Path(tempfile.gettempdir(), f"perf-{pid}.map").unlink(missing_ok=True)
    found: Counter[tuple[str, ...]] = Counter()
    for stack, count in stacks(profile).items():
        found[tuple(re.sub(r"^\w+\+0x[0-9a-f]+$", "?", name) for name in stack)] += count
    return profile, found


def share_below(found: Counter[tuple[str, ...]], chain: Sequence[str]) -> float:
    """Part of the samples whose stack begins with the chain."""
    return sum(count for stack, count in found.items() if stack[: len(chain)] == tuple(chain)) / found.total()


def test_perls_loop_is_entered_once_for_each_function_that_it_calls_back() -> None:
    profile, found = record(["perl", "-e", PERL])
    assert whole_share(profile) >= FLOOR
    chain = PERL_CHAIN.split()
    assert found[tuple(chain)] > 0, found.most_common(3)
    assert share_below(found, chain[:-1]) > 0.9, found.most_common(3)


def test_bashs_functions_are_lists_of_commands_below_each_other() -> None:
    profile, found = record(["bash", "-c", BASH])
    assert whole_share(profile) >= FLOOR
    assert share_below(found, BASH_CHAIN.split()) > 0.5, found.most_common(3)


def test_javascript_functions_stand_below_what_called_them(tmp_path: Path) -> None:
    script = tmp_path / "calls.js"
    script.write_text(NODE)
    profile, found = record(["node", "--perf-basic-prof", "--no-turbo-inlining", "--no-logfile-per-isolate",
                             f"--logfile={tmp_path}/v8.log", str(script)])  # fmt: skip
    assert whole_share(profile) >= FLOOR
    chain = tuple(NODE_CHAIN.split())
    ends_so = sum(count for stack, count in found.items() if stack[-len(chain) :] == chain)
    # The others are of code that is still interpreted: the less CPU time a machine has for it, the more of them.
    assert ends_so > 0.7 * found.total(), found.most_common(3)
    assert all(stack[:3] == tuple(ENTRY.split()) for stack in found)
