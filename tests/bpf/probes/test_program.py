"""A probe's program: refused in words, filtered by maps, and gone when it is closed."""

from dataclasses import replace

import pytest

from profiler.agent.probes.events import FEED_HEADER
from profiler.agent.probes.program import ProbeProgram, ProbeProgramError, probe_options
from profiler.probes.registry import probe_named
from tests.bpf.test_recording import own_programs

pytestmark = pytest.mark.bpf

SIGNALS = probe_named("signals")
SIZES = {"FEED_PAGES": 1}


def test_it_leaves_nothing_in_the_kernel() -> None:
    program = ProbeProgram(SIGNALS, SIGNALS.values({}), (FEED_HEADER,), SIZES)
    assert len(own_programs()) == 1
    program.close()
    assert not own_programs()


def test_what_the_kernel_lacks_is_named_with_a_kernel_that_has_it() -> None:
    probe = replace(SIGNALS, needs=("lock:contention_begun",))
    with pytest.raises(ProbeProgramError, match=r"probe signals: .*lock:contention_begun; it takes a kernel"):
        ProbeProgram(probe, probe.values({}), (FEED_HEADER,), SIZES)
    probe = replace(SIGNALS, offsets=("task_struct.no_such_field",))
    with pytest.raises(ProbeProgramError, match=r"probe signals: .*no_such_field"):
        ProbeProgram(probe, probe.values({}), (FEED_HEADER,), SIZES)
    assert not own_programs()


def test_a_program_that_does_not_compile_is_told_in_the_compilers_words() -> None:
    with pytest.raises(ProbeProgramError, match=r"probe signals: .*undeclared identifier 'FEED_PAGES'"):
        ProbeProgram(SIGNALS, SIGNALS.values({}), (FEED_HEADER,))


def test_following_another_process_compiles_nothing() -> None:
    one, other = (
        probe_options(SIGNALS, SIGNALS.values(given), (FEED_HEADER,), SIZES) for given in ({}, {"pid": 7, "comm": "sh"})
    )
    assert one == other
    assert probe_options(SIGNALS, SIGNALS.values({"signal": 9})) != one
