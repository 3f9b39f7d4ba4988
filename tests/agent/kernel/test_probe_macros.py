"""What a probe's program is told of the kernel: offsets of fields, and which arguments of raw tracepoints are which."""

import pytest

from profiler.agent.kernel.btf import KERNEL_BTF, BtfError
from profiler.agent.kernel.probe_macros import first_of, kernel_macros
from profiler.core.probe import Emits, Probe

needs_btf = pytest.mark.skipif(not KERNEL_BTF.exists(), reason="this kernel has no BTF")


def macros(*offsets: str, arguments: tuple[str, ...] = ()) -> dict[str, int]:
    return kernel_macros(Probe("example", "", "", Emits.EVENTS, (), 1, offsets=offsets, arguments=arguments))


@needs_btf
def test_offsets_are_macros_of_this_kernels_fields() -> None:
    found = macros("task_struct.real_parent", "task_struct.in_iowait")
    assert 0 < found["OFF_TASK_STRUCT_REAL_PARENT"] < 1 << 14
    assert 0 <= found["BIT_TASK_STRUCT_IN_IOWAIT"] < 8


@needs_btf
def test_of_fields_that_have_another_name_elsewhere_those_that_there_are() -> None:
    found = macros("inode.i_sb|inode.no_such_field")
    assert found.keys() == {"OFF_INODE_I_SB", "BIT_INODE_I_SB"}
    with pytest.raises(BtfError, match="no_such_field"):
        macros("inode.no_such_field|inode.nor_this_one")


@needs_btf
def test_the_kernel_passes_what_is_declared_or_says_what_it_passes() -> None:
    arguments = ("sched_wakeup(task_struct*)", "signal_generate(number, kernel_siginfo*, task_struct*)")
    assert macros(arguments=arguments) == {"FIRST_sched_wakeup": 0, "FIRST_signal_generate": 0}
    with pytest.raises(BtfError, match=r"passes \(task_struct\*\) to tracepoint sched_wakeup, not \(inode\*\)"):
        macros(arguments=("sched_wakeup(inode*)",))
    with pytest.raises(BtfError, match="no_such_tracepoint"):
        macros(arguments=("no_such_tracepoint(number)",))


def test_arguments_are_found_behind_and_before_others() -> None:
    passed = ("request_queue*", "request*", "number")
    assert first_of("block_rq_complete", ("request*", "number"), passed) == 1
    assert first_of("block_rq_complete", ("request_queue*",), passed) == 0
    with pytest.raises(BtfError, match="block_rq_complete"):
        first_of("block_rq_complete", ("request*", "request*"), passed)
