"""What threads wait for is told by where in the kernel they do."""

import pytest

from profiler.agent.sampling import wait_names
from profiler.agent.sampling.wait_names import WaitState, wait_frame
from profiler.core.frame import Frame, FrameKind


def stack(*kernel: str) -> list[Frame]:
    return [Frame("mutex_lock"), *(Frame(name, FrameKind.KERNEL, "[kernel]") for name in kernel)]


@pytest.mark.parametrize(
    ("state", "kernel", "named"),
    [
        (WaitState.SLEEP, ("do_nanosleep", "schedule"), wait_names.TIMER),
        (WaitState.SLEEP, ("__futex_wait", "futex_do_wait", "schedule"), wait_names.LOCK),
        (WaitState.BLOCKED, ("rwsem_down_write_slowpath", "schedule"), wait_names.LOCK),
        (WaitState.BLOCKED, ("__mutex_lock.constprop.0", "schedule"), wait_names.LOCK),
        (WaitState.BLOCKED, ("folio_wait_bit_common", "io_schedule"), wait_names.DISK),
        (WaitState.IO, ("schedule",), wait_names.DISK),
        (WaitState.SLEEP, ("ep_poll", "schedule"), wait_names.EVENTS),
        (WaitState.BLOCKED, ("wait_for_completion", "schedule"), wait_names.BLOCKED),
        (WaitState.STOPPED, ("do_signal_stop",), wait_names.STOPPED),
        (WaitState.PREEMPTED, ("do_nanosleep",), wait_names.PREEMPTED),
        (WaitState.WOKEN, ("futex_wait",), wait_names.RUN_QUEUE),
        (WaitState.SLEEP, (), wait_names.WAITING),
        (WaitState.UNSEEN, ("do_nanosleep",), wait_names.WAITING),
        (WaitState.NONE, ("do_nanosleep",), None),
    ],
)
def test_functions_of_the_kernel_tell_and_those_of_programs_do_not(
    state: WaitState, kernel: tuple[str, ...], named: Frame | None
) -> None:
    assert wait_frame(state, stack(*kernel)) == named
